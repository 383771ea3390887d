-- What every message changed in its chat's row is said by the log itself: its last event has the last number.
ALTER TABLE chats DROP COLUMN last_seq;
ALTER TABLE chats DROP COLUMN last_public;
ALTER TABLE chats DROP COLUMN before_public;
-- A session ends by its time alone, so those that are over since a moment are found without asking for each one.
CREATE INDEX staff_sessions_ends ON staff_sessions (expires_at);
CREATE INDEX visitor_sessions_ends ON visitor_sessions (expires_at);
