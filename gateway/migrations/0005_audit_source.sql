-- From which address an audited action came; empty for what the gateway does by itself. Searches go by time, channel and words.
ALTER TABLE audit ADD COLUMN source TEXT NOT NULL DEFAULT '';
CREATE INDEX audit_at ON audit (at);
