-- What was said, noted, judged and measured in sessions.

-- `author_id` 0 is the end user; `audience` is 'end_user' or 'technicians'. `client` is the writer's own name of the message.
CREATE TABLE chat_messages (
    session_id BIGINT NOT NULL REFERENCES sessions (id),
    number     BIGINT NOT NULL,
    audience   TEXT   NOT NULL,
    author_id  BIGINT NOT NULL,
    client     TEXT   NOT NULL,
    at         BIGINT NOT NULL,
    text       TEXT   NOT NULL,
    PRIMARY KEY (session_id, number)
);
CREATE UNIQUE INDEX chat_messages_client ON chat_messages (session_id, author_id, client);

-- Up to which message somebody has read. `reader_id` 0 is the end user, who also has 'got'.
CREATE TABLE chat_marks (
    session_id BIGINT NOT NULL REFERENCES sessions (id),
    reader_id  BIGINT NOT NULL,
    what       TEXT   NOT NULL,
    upto       BIGINT NOT NULL,
    PRIMARY KEY (session_id, reader_id, what)
);

CREATE TABLE notes (
    id         BIGINT PRIMARY KEY,
    session_id BIGINT NOT NULL REFERENCES sessions (id),
    author_id  BIGINT NOT NULL,
    at         BIGINT NOT NULL,
    edited_at  BIGINT,
    text       TEXT   NOT NULL
);
CREATE INDEX notes_session ON notes (session_id, at);

CREATE TABLE ratings (
    session_id BIGINT PRIMARY KEY REFERENCES sessions (id),
    stars      BIGINT NOT NULL,
    words      TEXT   NOT NULL,
    at         BIGINT NOT NULL
);

-- One row for each session that is not deleted: what the reports add up (docs/reports.md).
CREATE TABLE session_figures (
    session_id    BIGINT PRIMARY KEY REFERENCES sessions (id),
    channel_id    BIGINT NOT NULL,
    technician_id BIGINT,
    created_at    BIGINT NOT NULL,
    arrived_at    BIGINT,
    answered_at   BIGINT,
    ended_at      BIGINT,
    waiting_ms    BIGINT,
    handling_ms   BIGINT,
    stars         BIGINT
);
-- Holds everything that is added up, so that a report reads nothing else.
CREATE INDEX session_figures_created ON session_figures
    (created_at, channel_id, technician_id, waiting_ms, handling_ms, stars, ended_at);
INSERT INTO session_figures (session_id, channel_id, created_at)
    SELECT id, channel_id, created_at FROM sessions WHERE deleted_at IS NULL;
