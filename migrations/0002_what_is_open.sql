-- Lists of what is open must not walk through all that ever was. SQLite takes a partial index only for a statement that repeats its
-- condition word by word.
CREATE INDEX chats_waiting ON chats (severity, queued_at, id) WHERE state = 'queued';
CREATE INDEX chats_served ON chats (agent_id) WHERE state = 'active';
CREATE INDEX offers_chat ON offers (chat_id);
CREATE INDEX cases_open ON cases (severity, created_at, number) WHERE status <> 'completed';
