-- Contents of files, each once. They arrive in chunks; what has no hash has not arrived, and goes at the next start.
CREATE TABLE contents (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    -- SHA-256, in hexadecimal digits.
    hash TEXT UNIQUE,
    size INTEGER NOT NULL
) STRICT;

CREATE TABLE chunks (
    content INTEGER NOT NULL REFERENCES contents,
    -- How many bytes come before it.
    start INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (content, start)
) STRICT;

-- What a gateway that ended in order leaves to the next one, which empties this as it starts.
CREATE TABLE state (
    text TEXT NOT NULL
) STRICT;
