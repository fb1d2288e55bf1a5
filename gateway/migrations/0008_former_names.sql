-- What removed channels, groups and SOS Calls were called, for the audit that still speaks of them.
CREATE TABLE former_names (
    -- As in the audit's records: `channel:ID`.
    id   TEXT PRIMARY KEY,
    name TEXT NOT NULL
);
