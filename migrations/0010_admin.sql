-- What the admin pages need: thresholds, and ways to find things.

-- From which value on a figure of the wallboard is late (warn) or bad; nothing stored: the program's default. Times in seconds.
CREATE TABLE thresholds (
    figure TEXT PRIMARY KEY,
    warn BIGINT,
    bad BIGINT
);
-- A shortcut is its owner's, or shared, once.
CREATE UNIQUE INDEX canned_replies_own ON canned_replies (owner_id, shortcut) WHERE owner_id IS NOT NULL;
CREATE UNIQUE INDEX canned_replies_shared ON canned_replies (shortcut) WHERE owner_id IS NULL;
-- The record is read newest first: all of it, of a kind, of a person.
DROP INDEX audit_log_at;
CREATE INDEX audit_log_at ON audit_log (at, id);
CREATE INDEX audit_log_kind ON audit_log (kind, at, id);
CREATE INDEX audit_log_by ON audit_log (by_id, at, id);
-- All sessions of a person end at once.
CREATE INDEX staff_sessions_staff ON staff_sessions (staff_id, expires_at);
