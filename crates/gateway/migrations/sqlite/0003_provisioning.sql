-- Accounts of the provisioning API: whoever orders products, and in whose domain their subscribers are. Times are milliseconds
-- since the epoch, prices cents.
CREATE TABLE accounts (
    id TEXT PRIMARY KEY,
    domain TEXT NOT NULL UNIQUE,
    -- demo or production
    level TEXT NOT NULL,
    -- 1: whatever it asks for is refused.
    blocked INTEGER NOT NULL DEFAULT 0,
    -- Agreed value of the inventory, and most pieces of a product; NULL for no such limit.
    limit_cents INTEGER,
    limit_quantity INTEGER,
    -- Calls allowed in so many minutes, hours, days, weeks or months.
    quota_limit INTEGER NOT NULL,
    quota_interval INTEGER NOT NULL,
    quota_unit TEXT NOT NULL,
    last_order INTEGER NOT NULL DEFAULT 0,
    -- Random: what passwords are made from that may have to be told once more.
    seed TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Accounts whose subscribers reach each other, with one < other.
CREATE TABLE account_pairs (
    one TEXT NOT NULL REFERENCES accounts (id),
    other TEXT NOT NULL REFERENCES accounts (id),
    PRIMARY KEY (one, other)
) STRICT, WITHOUT ROWID;

-- Projects of an account, which get tokens.
CREATE TABLE clients (
    id TEXT PRIMARY KEY,
    account TEXT NOT NULL REFERENCES accounts (id),
    -- argon2id, in the PHC form.
    secret_hash TEXT NOT NULL,
    name TEXT NOT NULL,
    email TEXT NOT NULL,
    -- 0: gets no tokens.
    approved INTEGER NOT NULL DEFAULT 1,
    -- 0: has no right to this product.
    entitled INTEGER NOT NULL DEFAULT 1
) STRICT, WITHOUT ROWID;

-- Access tokens by their SHA-256.
CREATE TABLE api_tokens (
    hash TEXT PRIMARY KEY,
    client TEXT NOT NULL REFERENCES clients (id),
    issued_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX api_tokens_by_end ON api_tokens (expires_at);

-- What an account has of each product: 0 <= used <= total.
CREATE TABLE inventory (
    account TEXT NOT NULL REFERENCES accounts (id),
    product TEXT NOT NULL,
    price_cents INTEGER NOT NULL DEFAULT 0,
    total INTEGER NOT NULL DEFAULT 0,
    used INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (account, product),
    CHECK (used >= 0 AND used <= total)
) STRICT, WITHOUT ROWID;

CREATE TABLE orders (
    account TEXT NOT NULL REFERENCES accounts (id),
    number INTEGER NOT NULL,
    type TEXT NOT NULL,
    product TEXT NOT NULL,
    quantity INTEGER NOT NULL,
    reference TEXT,
    status TEXT NOT NULL,
    reason TEXT,
    created_at INTEGER NOT NULL,
    fulfilled_at INTEGER,
    PRIMARY KEY (account, number)
) STRICT, WITHOUT ROWID;

-- The highest total of each month (YYYY-MM, UTC) in which it changed.
CREATE TABLE peaks (
    account TEXT NOT NULL REFERENCES accounts (id),
    product TEXT NOT NULL,
    month TEXT NOT NULL,
    peak INTEGER NOT NULL,
    reached_at INTEGER NOT NULL,
    -- The total at the end of what happened in this month: where the next one begins.
    last INTEGER NOT NULL,
    PRIMARY KEY (account, product, month)
) STRICT, WITHOUT ROWID;

CREATE TABLE subscribers (
    id TEXT PRIMARY KEY,
    account TEXT NOT NULL REFERENCES accounts (id),
    user_id TEXT NOT NULL,
    -- user_id@domain
    identity TEXT NOT NULL UNIQUE,
    -- argon2id, in the PHC form.
    password_hash TEXT NOT NULL,
    product TEXT NOT NULL,
    -- persistent or temporary
    type TEXT NOT NULL,
    expires_at INTEGER,
    -- A JSON object: names, mail address, and what the account keeps of its own.
    profile TEXT NOT NULL,
    -- active or deleting
    state TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    last_seen_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX subscribers_by_creation ON subscribers (account, created_at, id);
CREATE INDEX subscribers_by_end ON subscribers (expires_at) WHERE expires_at IS NOT NULL;

-- First answers to requests that may be repeated.
CREATE TABLE idempotency (
    account TEXT NOT NULL REFERENCES accounts (id),
    -- SHA-256 of what the client sent.
    key TEXT NOT NULL,
    -- SHA-256 of method, path and body.
    request TEXT NOT NULL,
    status INTEGER NOT NULL,
    location TEXT,
    -- Without passwords: those are told once.
    body TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (account, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_by_time ON idempotency (at);

-- Who signed in, or tried to, and who provisioned what. Never holds a secret.
CREATE TABLE audit (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    -- The account of the provisioning API; empty for users of the operator's own list.
    account TEXT NOT NULL,
    -- Who: a user, a client of the provisioning API, the operator.
    actor TEXT NOT NULL,
    -- What: sign-in, order, subscriber-create and the like.
    action TEXT NOT NULL,
    -- Upon whom or what.
    subject TEXT NOT NULL,
    -- done, or the word of the refusal.
    outcome TEXT NOT NULL,
    peer TEXT NOT NULL,
    request_id TEXT NOT NULL
) STRICT;
CREATE INDEX audit_by_account ON audit (account, id);
