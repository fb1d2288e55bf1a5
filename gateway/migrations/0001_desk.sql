-- Portable SQL: SQLite now, PostgreSQL later. Times are milliseconds since 1970, ids are random and below 2^53.

CREATE TABLE accounts (
    id         BIGINT PRIMARY KEY,
    email      TEXT   NOT NULL,
    name       TEXT   NOT NULL,
    role       TEXT   NOT NULL,
    password   TEXT,
    language   TEXT,
    disabled   BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL,
    removed_at BIGINT
);
CREATE UNIQUE INDEX accounts_email ON accounts (email) WHERE removed_at IS NULL;

CREATE TABLE setup_links (
    hash       TEXT   PRIMARY KEY,
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    expires_at BIGINT NOT NULL
);

CREATE TABLE web_sessions (
    hash       TEXT   PRIMARY KEY,
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX web_sessions_account ON web_sessions (account_id);

CREATE TABLE channels (
    id                BIGINT PRIMARY KEY,
    name              TEXT   NOT NULL,
    description       TEXT   NOT NULL,
    kind              TEXT   NOT NULL,
    owner_id          BIGINT REFERENCES accounts (id),
    expiration_s      BIGINT NOT NULL,
    pin_valid_s       BIGINT NOT NULL,
    default_rights    TEXT   NOT NULL,
    max_open_sessions BIGINT NOT NULL,
    created_at        BIGINT NOT NULL
);
CREATE UNIQUE INDEX channels_name ON channels (name) WHERE kind <> 'private';
CREATE UNIQUE INDEX channels_private ON channels (owner_id) WHERE kind = 'private';

CREATE TABLE channel_members (
    channel_id BIGINT NOT NULL REFERENCES channels (id),
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    PRIMARY KEY (channel_id, account_id)
);

-- `facts` are the causes from which the status is computed; the status itself is stored nowhere.
CREATE TABLE sessions (
    id         BIGINT PRIMARY KEY,
    channel_id BIGINT NOT NULL REFERENCES channels (id),
    name       TEXT   NOT NULL,
    note       TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    created_by BIGINT,
    facts      TEXT   NOT NULL,
    device     TEXT,
    deleted_at BIGINT
);

-- Look-up is by keyed hash; showing again opens the sealed copy with the key file outside the database.
CREATE TABLE invites (
    session_id     BIGINT PRIMARY KEY REFERENCES sessions (id),
    token_hash     TEXT   NOT NULL UNIQUE,
    token_sealed   TEXT   NOT NULL,
    pin_hash       TEXT,
    pin_sealed     TEXT,
    pin_expires_at BIGINT
);

-- The newest token, and the one before until the newest was used (its delivery may have been lost).
CREATE TABLE resume_tokens (
    session_id BIGINT PRIMARY KEY REFERENCES sessions (id),
    newest     TEXT   NOT NULL,
    before     TEXT
);

CREATE TABLE pin_failures (
    source TEXT   NOT NULL,
    at     BIGINT NOT NULL
);
CREATE INDEX pin_failures_at ON pin_failures (at);

CREATE TABLE audit (
    sequence   BIGINT PRIMARY KEY,
    at         BIGINT NOT NULL,
    actor      TEXT   NOT NULL,
    action     TEXT   NOT NULL,
    session_id BIGINT,
    detail     TEXT   NOT NULL,
    hash       TEXT   NOT NULL
);
CREATE INDEX audit_session ON audit (session_id, sequence);

CREATE TABLE settings (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
);
