-- Groups of technicians, what channels say about permissions, and the rest of a channel's settings.

CREATE TABLE technician_groups (
    id         BIGINT PRIMARY KEY,
    name       TEXT   NOT NULL UNIQUE,
    created_at BIGINT NOT NULL
);

CREATE TABLE group_members (
    group_id   BIGINT NOT NULL REFERENCES technician_groups (id),
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    PRIMARY KEY (group_id, account_id)
);

CREATE TABLE channel_groups (
    channel_id BIGINT NOT NULL REFERENCES channels (id),
    group_id   BIGINT NOT NULL REFERENCES technician_groups (id),
    PRIMARY KEY (channel_id, group_id)
);

-- What is not here is inherited. `subject` is `technician` or `group`, `setting` is `on` or `off`.
CREATE TABLE refinements (
    channel_id BIGINT NOT NULL REFERENCES channels (id),
    subject    TEXT   NOT NULL,
    subject_id BIGINT NOT NULL,
    permission TEXT   NOT NULL,
    setting    TEXT   NOT NULL,
    PRIMARY KEY (channel_id, subject, subject_id, permission)
);

-- `routing` is `queue`, `technician`, `round_robin` or `least_busy`; `routing_id` the technician or the group. Skills are tags, one a line.
ALTER TABLE channels ADD COLUMN routing TEXT NOT NULL DEFAULT 'queue';
ALTER TABLE channels ADD COLUMN routing_id BIGINT;
ALTER TABLE channels ADD COLUMN skills TEXT NOT NULL DEFAULT '';
ALTER TABLE channels ADD COLUMN verification TEXT NOT NULL DEFAULT 'off';
ALTER TABLE channels ADD COLUMN rating BIGINT NOT NULL DEFAULT 0;
ALTER TABLE channels ADD COLUMN rating_question TEXT NOT NULL DEFAULT '';
ALTER TABLE accounts ADD COLUMN skills TEXT NOT NULL DEFAULT '';
