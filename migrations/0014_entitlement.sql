-- Who gets support: what supervisors ruled, what was refused, and the subjects that are answered with a set text.

ALTER TABLE accounts ADD COLUMN name_folded TEXT NOT NULL DEFAULT '';
UPDATE accounts SET name_folded = LOWER(name);

-- What is said about a subject that is out of scope; empty: its questions go to a queue.
ALTER TABLE categories ADD COLUMN set_text TEXT NOT NULL DEFAULT '';

-- A supervisor's word about an account, or about one person wherever that person asks.
CREATE TABLE rulings (
    id UUID PRIMARY KEY,
    account_id UUID REFERENCES accounts (id),
    contact_id UUID REFERENCES contacts (id),
    -- stop, limit, or exception.
    kind TEXT NOT NULL,
    -- Of a limit: how many requests within 24 hours.
    requests INTEGER,
    reason TEXT NOT NULL,
    at TIMESTAMPTZ NOT NULL,
    by_name TEXT NOT NULL,
    -- Nothing: until it is lifted.
    ends_at TIMESTAMPTZ,
    lifted_at TIMESTAMPTZ,
    lifted_by TEXT,
    lifted_why TEXT
);
CREATE INDEX rulings_account ON rulings (account_id, at) WHERE account_id IS NOT NULL;
CREATE INDEX rulings_contact ON rulings (contact_id, at) WHERE contact_id IS NOT NULL;

-- What a customer was refused, with what they wrote.
CREATE TABLE refused_requests (
    id UUID PRIMARY KEY,
    -- The client's id: what is sent again is the same one.
    source_id UUID NOT NULL UNIQUE,
    at TIMESTAMPTZ NOT NULL,
    account_id UUID NOT NULL REFERENCES accounts (id),
    contact_id UUID NOT NULL REFERENCES contacts (id),
    -- chat, or message.
    mouth TEXT NOT NULL,
    -- Why, as a code, and the words that the customer read.
    why TEXT NOT NULL,
    words TEXT NOT NULL,
    -- Empty: it was refused before anything was written.
    text TEXT NOT NULL,
    -- The case that a supervisor made of it.
    case_number BIGINT
);
CREATE INDEX refused_requests_account ON refused_requests (account_id, at);
CREATE INDEX refused_requests_contact ON refused_requests (contact_id, at);
-- How often an account asks.
CREATE INDEX chats_account ON chats (account_id, created_at);
