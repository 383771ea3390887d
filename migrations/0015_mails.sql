-- Mails to customers about their cases, the links in them, surveys; cases that age; kept searches.

-- Where no mail server is set, the demo keeps its mails here and shows them as a page.
CREATE TABLE kept_mails (
    id UUID PRIMARY KEY,
    at TIMESTAMPTZ NOT NULL,
    name TEXT NOT NULL,
    address TEXT NOT NULL,
    subject TEXT NOT NULL,
    text TEXT NOT NULL,
    html TEXT NOT NULL
);
CREATE INDEX kept_mails_at ON kept_mails (at);

-- Whoever has the link may read what the customer may read of the case, and write on it as the customer.
CREATE TABLE case_links (
    token_hash TEXT PRIMARY KEY,
    case_id UUID NOT NULL REFERENCES cases (id),
    expires_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX case_links_expires ON case_links (expires_at);

-- One question after a resolution.
CREATE TABLE surveys (
    id UUID PRIMARY KEY,
    token_hash TEXT NOT NULL UNIQUE,
    contact_id UUID NOT NULL REFERENCES contacts (id),
    case_id UUID NOT NULL REFERENCES cases (id),
    -- Whose case it was when it was resolved.
    agent_id UUID REFERENCES staff (id),
    team_id UUID REFERENCES teams (id),
    category_id UUID REFERENCES categories (id),
    sent_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    answered_at TIMESTAMPTZ,
    -- 1 (bad) to 5 (good).
    score SMALLINT,
    comment TEXT NOT NULL DEFAULT ''
);
CREATE INDEX surveys_sent ON surveys (sent_at);
CREATE INDEX surveys_contact ON surveys (contact_id, sent_at);
CREATE INDEX surveys_case ON surveys (case_id);
-- What was given up, or waits, for the page that shows it.
CREATE INDEX jobs_dead ON jobs (created_at) WHERE state = 'dead';

-- When something happens because nobody takes a case, or nothing happens to it.
ALTER TABLE cases ADD COLUMN ages_at TIMESTAMPTZ;
CREATE INDEX cases_ages ON cases (ages_at) WHERE ages_at IS NOT NULL;

-- Searches of cases that a person keeps.
CREATE TABLE saved_filters (
    id UUID PRIMARY KEY,
    staff_id UUID NOT NULL REFERENCES staff (id),
    name TEXT NOT NULL,
    -- As it stands in the address.
    query TEXT NOT NULL
);
CREATE INDEX saved_filters_staff ON saved_filters (staff_id, name);
