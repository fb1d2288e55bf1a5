-- Closed sessions, as lists, searches and a computer's history need them: they are not kept in memory.

CREATE TABLE closed_sessions (
    session_id BIGINT PRIMARY KEY REFERENCES sessions (id),
    channel_id BIGINT NOT NULL,
    assigned   BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    -- In lower case, as the gateway makes it.
    name       TEXT   NOT NULL,
    words      TEXT   NOT NULL,
    device_key TEXT   NOT NULL
);
CREATE INDEX closed_sessions_created ON closed_sessions (created_at DESC, session_id);
CREATE INDEX closed_sessions_name ON closed_sessions (name, created_at DESC, session_id);
CREATE INDEX closed_sessions_expires ON closed_sessions (expires_at, created_at DESC, session_id);
CREATE INDEX closed_sessions_channel ON closed_sessions (channel_id);
CREATE INDEX closed_sessions_device ON closed_sessions (device_key, created_at DESC) WHERE device_key <> '';

CREATE TABLE closed_technicians (
    session_id BIGINT NOT NULL REFERENCES sessions (id),
    account_id BIGINT NOT NULL,
    PRIMARY KEY (session_id, account_id)
);
CREATE INDEX closed_technicians_account ON closed_technicians (account_id);

-- An agent that comes back to a closed session is told so.
CREATE INDEX resume_tokens_newest ON resume_tokens (newest);
CREATE INDEX resume_tokens_before ON resume_tokens (before);
