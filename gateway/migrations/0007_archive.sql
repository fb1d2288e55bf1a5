-- What is over leaves memory: not closed sessions only, expired ones too.

ALTER TABLE closed_sessions RENAME TO archived_sessions;
ALTER TABLE closed_technicians RENAME TO archived_technicians;
-- 0: expired, and a manager may extend it.
ALTER TABLE archived_sessions ADD COLUMN closed BIGINT NOT NULL DEFAULT 1;

CREATE INDEX archived_sessions_status ON archived_sessions (closed, created_at DESC, session_id);
