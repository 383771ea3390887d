-- The main job: people, hours, chats, cases, knowledge. One text for SQLite and PostgreSQL; times are UTC.

CREATE TABLE settings (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
);
CREATE TABLE counters (
    name TEXT PRIMARY KEY,
    value BIGINT NOT NULL
);
INSERT INTO counters (name, value) VALUES ('case', 1000);

-- Teams, categories, severities, routes ------------------------------------------------------------------------------

CREATE TABLE teams (
    id UUID PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL
);
CREATE TABLE categories (
    id UUID PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    team_id UUID NOT NULL REFERENCES teams (id),
    position INTEGER NOT NULL
);
CREATE TABLE severities (
    level SMALLINT PRIMARY KEY,
    name TEXT NOT NULL,
    definition TEXT NOT NULL
);
-- Where a case of a category and severity goes when that is not tier I of the category's team.
CREATE TABLE case_routes (
    category_id UUID NOT NULL REFERENCES categories (id),
    severity SMALLINT NOT NULL,
    team_id UUID NOT NULL REFERENCES teams (id),
    tier SMALLINT NOT NULL,
    PRIMARY KEY (category_id, severity)
);

-- Customers ----------------------------------------------------------------------------------------------------------

CREATE TABLE accounts (
    id UUID PRIMARY KEY,
    number TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    status TEXT NOT NULL,
    standing TEXT NOT NULL
);
CREATE TABLE contacts (
    id UUID PRIMARY KEY,
    name TEXT NOT NULL,
    name_folded TEXT NOT NULL,
    email TEXT NOT NULL,
    email_folded TEXT NOT NULL UNIQUE
);
CREATE TABLE account_contacts (
    account_id UUID NOT NULL REFERENCES accounts (id),
    contact_id UUID NOT NULL REFERENCES contacts (id),
    role TEXT NOT NULL,
    PRIMARY KEY (account_id, contact_id)
);
CREATE INDEX account_contacts_contact ON account_contacts (contact_id);
CREATE TABLE contact_pins (
    contact_id UUID PRIMARY KEY REFERENCES contacts (id),
    hash TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);
-- A try at a PIN or password is written before it is compared, as wrong; a right one is marked so afterwards.
CREATE TABLE tries (
    id UUID PRIMARY KEY,
    purpose TEXT NOT NULL,
    subject TEXT NOT NULL,
    account TEXT NOT NULL,
    address TEXT NOT NULL,
    succeeded BOOLEAN NOT NULL,
    at TIMESTAMPTZ NOT NULL
);
CREATE INDEX tries_subject ON tries (purpose, subject, at);
CREATE INDEX tries_account ON tries (purpose, account, at);
CREATE INDEX tries_address ON tries (purpose, address, at);
CREATE INDEX tries_total ON tries (purpose, at);
-- One row that every try updates first: whoever holds it counts alone.
CREATE TABLE try_gate (
    purpose TEXT PRIMARY KEY,
    turns BIGINT NOT NULL
);
INSERT INTO try_gate (purpose, turns) VALUES ('pin', 0), ('login', 0);
CREATE TABLE pin_alerts (
    id UUID PRIMARY KEY,
    at TIMESTAMPTZ NOT NULL,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    text TEXT NOT NULL
);
CREATE INDEX pin_alerts_at ON pin_alerts (at);

-- The desk's people --------------------------------------------------------------------------------------------------

CREATE TABLE staff (
    id UUID PRIMARY KEY,
    name TEXT NOT NULL,
    email TEXT NOT NULL,
    email_folded TEXT NOT NULL UNIQUE,
    password_hash TEXT NOT NULL,
    role TEXT NOT NULL,
    tier SMALLINT NOT NULL,
    capacity SMALLINT NOT NULL,
    active BOOLEAN NOT NULL
);
CREATE TABLE staff_teams (
    staff_id UUID NOT NULL REFERENCES staff (id),
    team_id UUID NOT NULL REFERENCES teams (id),
    PRIMARY KEY (staff_id, team_id)
);
-- Presence holds only while the person's console is heard from: seen_at is a lease.
CREATE TABLE presence (
    staff_id UUID PRIMARY KEY REFERENCES staff (id),
    state TEXT NOT NULL,
    since TIMESTAMPTZ NOT NULL,
    idle_since TIMESTAMPTZ NOT NULL,
    seen_at TIMESTAMPTZ NOT NULL
);
CREATE TABLE staff_sessions (
    token_hash TEXT PRIMARY KEY,
    staff_id UUID NOT NULL REFERENCES staff (id),
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL
);
CREATE TABLE notices (
    id UUID PRIMARY KEY,
    staff_id UUID NOT NULL REFERENCES staff (id),
    at TIMESTAMPTZ NOT NULL,
    text TEXT NOT NULL,
    case_number BIGINT,
    read_at TIMESTAMPTZ
);
CREATE INDEX notices_unread ON notices (staff_id, at) WHERE read_at IS NULL;

-- Sites that embed the widget ----------------------------------------------------------------------------------------

CREATE TABLE sites (
    token TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    origins JSONB NOT NULL,
    greeting TEXT NOT NULL,
    color TEXT NOT NULL
);

-- Business time ------------------------------------------------------------------------------------------------------

CREATE TABLE schedules (
    channel TEXT PRIMARY KEY,
    zone TEXT NOT NULL,
    plan JSONB NOT NULL,
    observes_holidays BOOLEAN NOT NULL,
    grace_minutes INTEGER NOT NULL,
    warn_minutes INTEGER NOT NULL
);
CREATE TABLE holidays (
    day DATE PRIMARY KEY,
    name TEXT NOT NULL,
    windows JSONB NOT NULL
);
CREATE TABLE day_overrides (
    id UUID PRIMARY KEY,
    channel TEXT NOT NULL,
    state TEXT NOT NULL,
    starts_at TIMESTAMPTZ NOT NULL,
    ends_at TIMESTAMPTZ,
    reason TEXT NOT NULL,
    by_name TEXT NOT NULL
);
CREATE INDEX day_overrides_channel ON day_overrides (channel, starts_at);

-- Chats: one ordered log each ----------------------------------------------------------------------------------------

CREATE TABLE chats (
    id UUID PRIMARY KEY,
    account_id UUID NOT NULL REFERENCES accounts (id),
    contact_id UUID NOT NULL REFERENCES contacts (id),
    state TEXT NOT NULL,
    question TEXT NOT NULL,
    category_id UUID REFERENCES categories (id),
    team_id UUID REFERENCES teams (id),
    tier SMALLINT NOT NULL,
    severity SMALLINT NOT NULL,
    agent_id UUID REFERENCES staff (id),
    last_seq BIGINT NOT NULL,
    last_public BIGINT NOT NULL,
    -- The public number before the last event: what `take_number` answers.
    before_public BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    queued_at TIMESTAMPTZ,
    answered_at TIMESTAMPTZ,
    ended_at TIMESTAMPTZ,
    ended_why TEXT,
    -- The customer's page is connected; it holds only while customer_seen_at, a lease, is renewed.
    customer_here BOOLEAN NOT NULL,
    customer_seen_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX chats_running ON chats (state, queued_at) WHERE state <> 'ended';
CREATE UNIQUE INDEX chats_one_running ON chats (account_id, contact_id) WHERE state <> 'ended';
CREATE INDEX chats_contact ON chats (contact_id, created_at);
CREATE INDEX chats_answered ON chats (team_id, tier, answered_at);
CREATE TABLE visitor_sessions (
    token_hash TEXT PRIMARY KEY,
    contact_id UUID NOT NULL REFERENCES contacts (id),
    chat_id UUID REFERENCES chats (id),
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL
);
-- Its chat is checked at the commit: a batch of messages then needs no journal of its own in SQLite. An id is its chat's own:
-- an index of all ids would be touched in another place by every message.
CREATE TABLE chat_events (
    chat_id UUID NOT NULL REFERENCES chats (id) DEFERRABLE INITIALLY DEFERRED,
    seq BIGINT NOT NULL,
    prev_public BIGINT NOT NULL,
    id UUID NOT NULL,
    at TIMESTAMPTZ NOT NULL,
    party TEXT NOT NULL,
    author_id UUID,
    author_name TEXT NOT NULL,
    visibility TEXT NOT NULL,
    body JSONB NOT NULL,
    PRIMARY KEY (chat_id, seq),
    UNIQUE (chat_id, id)
);
-- The counter of each client in each chat: the next message must carry one more.
CREATE TABLE chat_clients (
    chat_id UUID NOT NULL REFERENCES chats (id) DEFERRABLE INITIALLY DEFERRED,
    client UUID NOT NULL,
    author_id UUID NOT NULL,
    last_n BIGINT NOT NULL,
    PRIMARY KEY (chat_id, client)
);
CREATE TABLE chat_marks (
    chat_id UUID NOT NULL REFERENCES chats (id),
    party TEXT NOT NULL,
    delivered BIGINT NOT NULL,
    read BIGINT NOT NULL,
    PRIMARY KEY (chat_id, party)
);
CREATE TABLE offers (
    id UUID PRIMARY KEY,
    chat_id UUID NOT NULL REFERENCES chats (id),
    staff_id UUID NOT NULL REFERENCES staff (id),
    state TEXT NOT NULL,
    offered_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL
);
CREATE UNIQUE INDEX offers_one_open ON offers (chat_id) WHERE state = 'open';
CREATE INDEX offers_staff ON offers (staff_id, state);

-- Cases --------------------------------------------------------------------------------------------------------------

CREATE TABLE cases (
    id UUID PRIMARY KEY,
    number BIGINT NOT NULL UNIQUE,
    -- The client's id of a left message, or the chat's id: the same source makes one case.
    source_id UUID NOT NULL UNIQUE,
    chat_id UUID REFERENCES chats (id),
    account_id UUID REFERENCES accounts (id),
    contact_id UUID REFERENCES contacts (id),
    from_name TEXT NOT NULL,
    from_email TEXT NOT NULL,
    from_account TEXT NOT NULL,
    verified BOOLEAN NOT NULL,
    subject TEXT NOT NULL,
    description TEXT NOT NULL,
    category_id UUID REFERENCES categories (id),
    team_id UUID REFERENCES teams (id),
    tier SMALLINT NOT NULL,
    severity SMALLINT NOT NULL,
    status TEXT NOT NULL,
    owner_id UUID REFERENCES staff (id),
    worker_id UUID REFERENCES staff (id),
    solution_id UUID,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);
CREATE UNIQUE INDEX cases_chat ON cases (chat_id) WHERE chat_id IS NOT NULL;
CREATE INDEX cases_queue ON cases (team_id, tier, severity, created_at);
CREATE INDEX cases_account ON cases (account_id, created_at);
CREATE INDEX cases_contact ON cases (contact_id, created_at);
CREATE INDEX cases_owner ON cases (owner_id, created_at);
CREATE INDEX cases_worker ON cases (worker_id, created_at);
CREATE TABLE case_events (
    id UUID PRIMARY KEY,
    case_id UUID NOT NULL REFERENCES cases (id),
    at TIMESTAMPTZ NOT NULL,
    by_id UUID REFERENCES staff (id),
    by_name TEXT NOT NULL,
    kind TEXT NOT NULL,
    text TEXT NOT NULL
);
CREATE INDEX case_events_case ON case_events (case_id, at);

-- Knowledge ----------------------------------------------------------------------------------------------------------

CREATE TABLE solutions (
    id UUID PRIMARY KEY,
    title TEXT NOT NULL,
    body TEXT NOT NULL,
    category_key TEXT NOT NULL,
    published BOOLEAN NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);
-- Each opening of a solution in a chat, and whether it solved the question.
CREATE TABLE solution_visits (
    id UUID PRIMARY KEY,
    solution_id UUID NOT NULL REFERENCES solutions (id),
    chat_id UUID NOT NULL REFERENCES chats (id),
    opened_at TIMESTAMPTZ NOT NULL,
    solved BOOLEAN
);
CREATE INDEX solution_visits_chat ON solution_visits (chat_id, solution_id);

INSERT INTO severities (level, name, definition) VALUES
    (1, 'Critical', 'Nobody at the account can work with the product, and there is no way around it.'),
    (2, 'High', 'An important part does not work, or a person cannot work at all.'),
    (3, 'Normal', 'Something does not work as it should, and there is a way around it.'),
    (4, 'Low', 'A question, or a wish.');
