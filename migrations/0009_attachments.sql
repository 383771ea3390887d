-- Files that were sent in chats. The log has an event for each, which names it; what is in it is here.
CREATE TABLE chat_files (
    -- Random through and through.
    id UUID PRIMARY KEY,
    chat_id UUID NOT NULL REFERENCES chats (id),
    -- The event of the chat's log: the client's id, so that the same file sent again is known.
    event_id UUID NOT NULL,
    author_id UUID NOT NULL,
    name TEXT NOT NULL,
    -- By what is in it, whatever it is called.
    kind TEXT NOT NULL,
    size INTEGER NOT NULL,
    -- Of a picture that could be read.
    width INTEGER,
    height INTEGER,
    created_at TIMESTAMPTZ NOT NULL,
    thumbnail BYTEA,
    data BYTEA NOT NULL,
    UNIQUE (chat_id, event_id)
);
CREATE INDEX chat_files_author ON chat_files (author_id, created_at);
