-- Routing beyond one team and tier, what a chat carries beside its log, what admins set, and who changed what.

-- What admins set --------------------------------------------------------------------------------------------------------

-- A team, category or person that is no longer used keeps its row: cases and chats point at it.
ALTER TABLE teams ADD COLUMN active BOOLEAN NOT NULL DEFAULT TRUE;
-- Who helps when nobody of the team takes a chat: a team. A table that refers to itself could not be copied row by row.
ALTER TABLE teams ADD COLUMN overflow_team_id UUID;
-- Its people may pick from the line.
ALTER TABLE teams ADD COLUMN picking BOOLEAN NOT NULL DEFAULT TRUE;
ALTER TABLE categories ADD COLUMN active BOOLEAN NOT NULL DEFAULT TRUE;
-- How soon a chat of this severity shall be answered.
ALTER TABLE severities ADD COLUMN answer_seconds INTEGER NOT NULL DEFAULT 60;
-- The languages in which a person answers, as ISO 639-1 codes; a person without a row answers in the desk's own.
CREATE TABLE staff_languages (
    staff_id UUID NOT NULL REFERENCES staff (id),
    language TEXT NOT NULL,
    PRIMARY KEY (staff_id, language)
);
CREATE TABLE tags (
    id UUID PRIMARY KEY,
    name TEXT NOT NULL,
    name_folded TEXT NOT NULL UNIQUE,
    active BOOLEAN NOT NULL
);
-- Replies that are kept ready: of one person, or shared by all (no owner).
CREATE TABLE canned_replies (
    id UUID PRIMARY KEY,
    owner_id UUID REFERENCES staff (id),
    -- What is typed after the slash.
    shortcut TEXT NOT NULL,
    title TEXT NOT NULL,
    text TEXT NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX canned_replies_owner ON canned_replies (owner_id, shortcut);
-- Who changed what of the desk; never changed or removed.
CREATE TABLE audit_log (
    id UUID PRIMARY KEY,
    at TIMESTAMPTZ NOT NULL,
    by_id UUID REFERENCES staff (id),
    by_name TEXT NOT NULL,
    -- What was done, in one sentence.
    text TEXT NOT NULL,
    -- What it was done to: a kind ("team", "person", "rules" …) and the thing's key or id.
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    -- The fields that changed: {"name": ["before", "after"]}.
    changes JSONB NOT NULL
);
CREATE INDEX audit_log_at ON audit_log (at);

-- Chats ------------------------------------------------------------------------------------------------------------------

-- The language that the specialist must speak; nothing: any.
ALTER TABLE chats ADD COLUMN language TEXT;
-- When it shall be answered at the latest.
ALTER TABLE chats ADD COLUMN due_at TIMESTAMPTZ;
-- Since when it waits where it is now; `queued_at` stays the time at which it first entered the line.
ALTER TABLE chats ADD COLUMN waiting_since TIMESTAMPTZ;
-- When supervisors were told that nobody takes it.
ALTER TABLE chats ADD COLUMN told_at TIMESTAMPTZ;
-- Until when its specialist writes up what was said: so long it counts as load.
ALTER TABLE chats ADD COLUMN wrap_up_until TIMESTAMPTZ;
-- The supervisor who joined beside the specialist.
ALTER TABLE chats ADD COLUMN beside_id UUID REFERENCES staff (id);
-- The page on which the customer is.
ALTER TABLE chats ADD COLUMN page_url TEXT NOT NULL DEFAULT '';
ALTER TABLE chats ADD COLUMN page_title TEXT NOT NULL DEFAULT '';
-- What the specialist wants from a supervisor.
ALTER TABLE chats ADD COLUMN flag TEXT;
ALTER TABLE chats ADD COLUMN flagged_at TIMESTAMPTZ;
-- The chat in which it goes on.
ALTER TABLE chats ADD COLUMN merged_into UUID;
UPDATE chats SET due_at = queued_at, waiting_since = queued_at WHERE queued_at IS NOT NULL;
DROP INDEX chats_waiting;
CREATE INDEX chats_waiting ON chats (severity, due_at, queued_at, id) WHERE state = 'queued';
CREATE INDEX chats_wrap_up ON chats (wrap_up_until) WHERE wrap_up_until IS NOT NULL;

-- What a person works on counts as load, too.
CREATE INDEX cases_working ON cases (worker_id) WHERE status <> 'completed';

-- A chat that its specialist hands on: the specialist stays until somebody takes it.
CREATE TABLE chat_transfers (
    chat_id UUID PRIMARY KEY REFERENCES chats (id),
    by_id UUID NOT NULL REFERENCES staff (id),
    -- The person whom it is meant for; nothing: anybody of the team and tier.
    to_id UUID REFERENCES staff (id),
    team_id UUID NOT NULL REFERENCES teams (id),
    tier SMALLINT NOT NULL,
    at TIMESTAMPTZ NOT NULL
);
CREATE TABLE chat_tags (
    chat_id UUID NOT NULL REFERENCES chats (id),
    tag_id UUID NOT NULL REFERENCES tags (id),
    PRIMARY KEY (chat_id, tag_id)
);
CREATE INDEX chat_tags_tag ON chat_tags (tag_id);
-- What a person has written and not sent.
CREATE TABLE drafts (
    staff_id UUID NOT NULL REFERENCES staff (id),
    chat_id UUID NOT NULL REFERENCES chats (id),
    -- reply, or note.
    kind TEXT NOT NULL,
    text TEXT NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (staff_id, chat_id, kind)
);

-- What a notice is about, if that is a chat.
ALTER TABLE notices ADD COLUMN chat_id UUID REFERENCES chats (id);

-- People -----------------------------------------------------------------------------------------------------------------

-- The states in which a person was, one after the other.
CREATE TABLE presence_spells (
    id UUID PRIMARY KEY,
    staff_id UUID NOT NULL REFERENCES staff (id),
    state TEXT NOT NULL,
    started_at TIMESTAMPTZ NOT NULL,
    ended_at TIMESTAMPTZ
);
CREATE UNIQUE INDEX presence_spells_open ON presence_spells (staff_id) WHERE ended_at IS NULL;
CREATE INDEX presence_spells_started ON presence_spells (started_at);
