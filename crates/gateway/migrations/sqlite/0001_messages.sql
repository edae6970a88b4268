-- Messages in threads. A thread is the set of those who talk in it: two users, or more in a group.
-- Users are written as the identities by which they are compared (lower case); times are milliseconds since the epoch.

CREATE TABLE threads (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    -- The members in order, with line ends between them: the set finds its thread.
    members TEXT NOT NULL UNIQUE,
    -- 1 where they are more than two.
    is_group INTEGER NOT NULL,
    -- Everything up to this message was deleted by all members, and what it said is gone.
    erased_until INTEGER NOT NULL DEFAULT 0
) STRICT;

-- What one member sees of a thread.
CREATE TABLE members (
    thread INTEGER NOT NULL REFERENCES threads,
    user TEXT NOT NULL,
    -- Their number in this thread, from 1.
    number INTEGER NOT NULL,
    -- The newest message that they see; 0 if they see none, then the thread is not listed.
    last INTEGER NOT NULL DEFAULT 0,
    -- How many of the others' messages after read_until they see.
    unread INTEGER NOT NULL DEFAULT 0,
    read_until INTEGER NOT NULL DEFAULT 0,
    read_at INTEGER NOT NULL DEFAULT 0,
    -- They deleted everything up to this message.
    cleared_until INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (user, thread)
) STRICT, WITHOUT ROWID;
CREATE INDEX members_by_last ON members (user, last);
CREATE INDEX members_by_thread ON members (thread, number);

CREATE TABLE messages (
    -- Never used again, because clients drop what they know by its id.
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    thread INTEGER NOT NULL REFERENCES threads,
    sender TEXT NOT NULL,
    at INTEGER NOT NULL,
    text TEXT,
    client_id TEXT
) STRICT;
CREATE INDEX messages_by_thread ON messages (thread, id, sender);
CREATE UNIQUE INDEX messages_once ON messages (sender, client_id) WHERE client_id IS NOT NULL;

-- Single messages that one member deleted.
CREATE TABLE deleted (
    user TEXT NOT NULL,
    message INTEGER NOT NULL REFERENCES messages,
    PRIMARY KEY (user, message)
) STRICT, WITHOUT ROWID;

-- Messages that did not arrive at any client of their receiver.
CREATE TABLE undelivered (
    user TEXT NOT NULL,
    message INTEGER NOT NULL REFERENCES messages,
    PRIMARY KEY (user, message)
) STRICT, WITHOUT ROWID;

-- Uploads. Their contents lie beside the database, under their hash.
CREATE TABLE files (
    handle TEXT PRIMARY KEY,
    owner TEXT NOT NULL,
    name TEXT NOT NULL,
    mime TEXT NOT NULL,
    size INTEGER NOT NULL,
    hash TEXT NOT NULL,
    at INTEGER NOT NULL,
    -- Whether any message has it.
    sent INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE INDEX files_by_hash ON files (hash);
CREATE INDEX files_not_sent ON files (owner, at) WHERE sent = 0;

CREATE TABLE attachments (
    message INTEGER NOT NULL REFERENCES messages,
    place INTEGER NOT NULL,
    file TEXT NOT NULL REFERENCES files,
    PRIMARY KEY (message, place)
) STRICT, WITHOUT ROWID;
CREATE INDEX attachments_by_file ON attachments (file, message);
