-- From where and with what somebody signed in. `used_at` is kept to the minute.
ALTER TABLE web_sessions ADD COLUMN source TEXT NOT NULL DEFAULT '';
ALTER TABLE web_sessions ADD COLUMN browser TEXT NOT NULL DEFAULT '';
ALTER TABLE web_sessions ADD COLUMN used_at BIGINT;
