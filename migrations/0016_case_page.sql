-- Cases on offer, links between cases, who watches them, files on them.

-- A case that waits in a queue is offered to one person at a time.
CREATE TABLE case_offers (
    id UUID PRIMARY KEY,
    case_id UUID NOT NULL REFERENCES cases (id),
    staff_id UUID NOT NULL REFERENCES staff (id),
    -- open; passed, expired: the case is not offered to this person again. Gone when the case moves on.
    state TEXT NOT NULL,
    offered_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL
);
CREATE UNIQUE INDEX case_offers_one_open ON case_offers (case_id) WHERE state = 'open';
CREATE INDEX case_offers_case ON case_offers (case_id, state);
CREATE INDEX case_offers_staff ON case_offers (staff_id) WHERE state = 'open';
-- When the person let a case that was offered run out: no more are until the person takes one, or comes online anew.
ALTER TABLE presence ADD COLUMN missed_case_at TIMESTAMPTZ;
DROP INDEX cases_queue;
CREATE INDEX cases_queue ON cases (team_id, tier, severity, due_at) WHERE closed_at IS NULL AND worker_id IS NULL;

-- One case is a duplicate of the other, its child (the other is the parent), or related to it.
CREATE TABLE case_relations (
    case_id UUID NOT NULL REFERENCES cases (id),
    other_id UUID NOT NULL REFERENCES cases (id),
    -- duplicate, child or related.
    kind TEXT NOT NULL,
    at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (case_id, other_id)
);
CREATE INDEX case_relations_other ON case_relations (other_id);

-- Who is told of each step though they have no part in the case.
CREATE TABLE case_watchers (
    case_id UUID NOT NULL REFERENCES cases (id),
    staff_id UUID NOT NULL REFERENCES staff (id),
    PRIMARY KEY (case_id, staff_id)
);

-- Files on a case. The history has a step for each; what is in it is here.
CREATE TABLE case_files (
    -- Random through and through.
    id UUID PRIMARY KEY,
    case_id UUID NOT NULL REFERENCES cases (id),
    -- The client's id, so that the same file sent again is known.
    sent_id UUID NOT NULL UNIQUE,
    -- Who of the desk; nobody: the customer.
    author_id UUID,
    by_name TEXT NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    size INTEGER NOT NULL,
    -- staff, or everyone: the customer, too.
    visibility TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    data BYTEA NOT NULL
);
CREATE INDEX case_files_case ON case_files (case_id);

-- The key of the category that was chosen before a request was refused; empty: none.
ALTER TABLE refused_requests ADD COLUMN category TEXT NOT NULL DEFAULT '';
