-- SOS Calls, and the requests of end users that came without an invite.

CREATE TABLE calls (
    id            BIGINT PRIMARY KEY,
    channel_id    BIGINT NOT NULL REFERENCES channels (id),
    name          TEXT   NOT NULL,
    technician_id BIGINT REFERENCES accounts (id),
    paused        BIGINT NOT NULL DEFAULT 0,
    form          TEXT   NOT NULL,
    token_hash    TEXT   NOT NULL UNIQUE,
    token_sealed  TEXT   NOT NULL,
    created_at    BIGINT NOT NULL
);
CREATE INDEX calls_channel ON calls (channel_id);

-- `call_id` is null for a session code. An agent finds its session again by a key of which only the hash is here.
CREATE TABLE requests (
    session_id BIGINT PRIMARY KEY REFERENCES sessions (id),
    call_id    BIGINT,
    call_name  TEXT   NOT NULL,
    key_hash   TEXT   NOT NULL UNIQUE,
    source     TEXT   NOT NULL,
    made_at    BIGINT NOT NULL,
    answers    TEXT   NOT NULL
);
CREATE INDEX requests_made ON requests (made_at);
