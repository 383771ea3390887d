-- Work that must be done outside of a verb's transaction and may not be forgotten: mails, webhooks. And transcripts.

CREATE TABLE jobs (
    id UUID PRIMARY KEY,
    -- What is to be done; emptied when it is done.
    payload JSONB NOT NULL,
    -- waiting, done, or dead: given up.
    state TEXT NOT NULL,
    -- How often it was begun.
    tries INTEGER NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    -- When it is taken (again). While it runs: until when the one who took it has it.
    due_at TIMESTAMPTZ NOT NULL,
    finished_at TIMESTAMPTZ,
    -- Why the last try failed.
    problem TEXT NOT NULL
);
CREATE INDEX jobs_due ON jobs (due_at) WHERE state = 'waiting';
CREATE INDEX jobs_finished ON jobs (finished_at) WHERE finished_at IS NOT NULL;

-- The transcript of a chat by e-mail.
CREATE TABLE chat_transcripts (
    chat_id UUID PRIMARY KEY REFERENCES chats (id),
    -- When one was last put on its way.
    sent_at TIMESTAMPTZ,
    -- One goes out when the chat ends.
    at_end BOOLEAN NOT NULL
);
