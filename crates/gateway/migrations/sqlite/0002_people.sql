-- What is known of people. Users are written as the identities by which they are compared (lower case); times are milliseconds
-- since the epoch.

-- What counts of a user's presence. A row is kept when nothing counts any longer, for its version.
CREATE TABLE presence (
    user TEXT PRIMARY KEY,
    -- Grows; what is older is not written.
    version INTEGER NOT NULL,
    -- NULL when nothing counts, as are the next three then.
    status TEXT,
    activity TEXT,
    note TEXT,
    until INTEGER
) STRICT, WITHOUT ROWID;

-- Address books.
CREATE TABLE contacts (
    -- The order in which they were added.
    place INTEGER PRIMARY KEY AUTOINCREMENT,
    user TEXT NOT NULL,
    id TEXT NOT NULL,
    -- The JSON object, its id included.
    entry TEXT NOT NULL,
    UNIQUE (user, id)
) STRICT;
CREATE INDEX contacts_by_place ON contacts (user, place);

-- How large each address book is, so that nobody has to count.
CREATE TABLE books (
    user TEXT PRIMARY KEY,
    contacts INTEGER NOT NULL,
    bytes INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TRIGGER contact_added AFTER INSERT ON contacts BEGIN
    INSERT INTO books VALUES (new.user, 1, length(CAST(new.entry AS BLOB)))
    ON CONFLICT DO UPDATE SET contacts = contacts + 1, bytes = bytes + excluded.bytes;
END;
CREATE TRIGGER contact_changed AFTER UPDATE OF entry ON contacts BEGIN
    UPDATE books SET bytes = bytes + length(CAST(new.entry AS BLOB)) - length(CAST(old.entry AS BLOB))
    WHERE user = new.user;
END;
CREATE TRIGGER contact_removed AFTER DELETE ON contacts BEGIN
    UPDATE books SET contacts = contacts - 1, bytes = bytes - length(CAST(old.entry AS BLOB)) WHERE user = old.user;
END;

-- Calls that ended, one row for each party.
CREATE TABLE call_records (
    -- Never used again, because clients find what they know by it.
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    user TEXT NOT NULL,
    direction TEXT NOT NULL,
    name TEXT NOT NULL,
    remote_name TEXT NOT NULL,
    remote_number TEXT NOT NULL,
    started INTEGER NOT NULL,
    duration INTEGER NOT NULL
) STRICT;
CREATE INDEX call_records_by_start ON call_records (user, started, id);

-- How many messages wait in whose mailbox, as the operator said: a JSON object.
CREATE TABLE voicemail (
    user TEXT PRIMARY KEY,
    counts TEXT NOT NULL
) STRICT, WITHOUT ROWID;
