-- What the figures of the wallboard and its history are counted from.

-- The first message of a specialist, noted when the chat ends: until then its log says it.
ALTER TABLE chats ADD COLUMN replied_at TIMESTAMPTZ;
ALTER TABLE chats ADD COLUMN replied_by UUID;
UPDATE chats SET
    replied_at = (SELECT e.at FROM chat_events e WHERE e.chat_id = chats.id AND e.party = 'staff' AND e.body ->> 'kind' = 'message'
                  ORDER BY e.seq LIMIT 1),
    replied_by = (SELECT e.author_id FROM chat_events e WHERE e.chat_id = chats.id AND e.party = 'staff' AND e.body ->> 'kind' = 'message'
                  ORDER BY e.seq LIMIT 1)
WHERE state = 'ended' AND queued_at IS NOT NULL;
-- Visits that a solution ended before anybody was asked.
CREATE INDEX chats_self_service ON chats (ended_at) WHERE ended_why = 'self_service';

-- Who served a chat, from joining it to leaving it; `seq` is the number of the joining in the chat's log.
CREATE TABLE chat_spells (
    chat_id UUID NOT NULL REFERENCES chats (id),
    seq BIGINT NOT NULL,
    staff_id UUID NOT NULL REFERENCES staff (id),
    started_at TIMESTAMPTZ NOT NULL,
    ended_at TIMESTAMPTZ,
    PRIMARY KEY (chat_id, seq)
);
CREATE INDEX chat_spells_open ON chat_spells (staff_id) WHERE ended_at IS NULL;
CREATE INDEX chat_spells_ended ON chat_spells (ended_at) WHERE ended_at IS NOT NULL;
INSERT INTO chat_spells (chat_id, seq, staff_id, started_at, ended_at)
    SELECT id, 0, agent_id, answered_at, ended_at FROM chats WHERE agent_id IS NOT NULL AND answered_at IS NOT NULL;

-- The spell in which a person was at a moment is the last one that began before it.
CREATE INDEX presence_spells_of ON presence_spells (staff_id, started_at);
