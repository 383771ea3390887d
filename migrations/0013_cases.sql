-- Cases: eleven statuses, what each step left behind, and the clocks of what was promised.

-- When it was closed, while it is; an open case has none.
ALTER TABLE cases ADD COLUMN closed_at TIMESTAMPTZ;
-- What falls due next of what was promised; queues go by it. None while it waits for the customer.
ALTER TABLE cases ADD COLUMN due_at TIMESTAMPTZ;
-- A solution was given: without a word of the customer it closes by itself then.
ALTER TABLE cases ADD COLUMN silent_at TIMESTAMPTZ;
-- What development calls it.
ALTER TABLE cases ADD COLUMN reference TEXT NOT NULL DEFAULT '';
UPDATE cases SET closed_at = updated_at WHERE status = 'completed';

DROP INDEX cases_open;
DROP INDEX cases_open_unread;
DROP INDEX cases_working;
CREATE INDEX cases_open ON cases (severity, due_at, number) WHERE closed_at IS NULL;
CREATE INDEX cases_open_unread ON cases (id) WHERE meaning IS NULL AND closed_at IS NULL;
CREATE INDEX cases_working ON cases (worker_id) WHERE closed_at IS NULL;
CREATE INDEX cases_open_number ON cases (number) WHERE closed_at IS NULL;
CREATE INDEX cases_silent ON cases (silent_at) WHERE silent_at IS NOT NULL;

-- Who took a step: staff, customer or system; who may read of it: staff, or everyone, the customer too.
ALTER TABLE case_events ADD COLUMN party TEXT NOT NULL DEFAULT 'staff';
ALTER TABLE case_events ADD COLUMN visibility TEXT NOT NULL DEFAULT 'staff';
-- Where the case stood after the step; older steps do not say.
ALTER TABLE case_events ADD COLUMN status TEXT;
ALTER TABLE case_events ADD COLUMN team_id UUID;
ALTER TABLE case_events ADD COLUMN tier SMALLINT;
ALTER TABLE case_events ADD COLUMN owner_id UUID;
ALTER TABLE case_events ADD COLUMN worker_id UUID;

-- The clocks, worked out from the steps, the hours and the promises; a copy for lists and for telling in time.
CREATE TABLE case_clocks (
    case_id UUID NOT NULL REFERENCES cases (id),
    -- acknowledgement, first_answer, next_answer or resolution.
    kind TEXT NOT NULL,
    since TIMESTAMPTZ NOT NULL,
    warn_at TIMESTAMPTZ,
    due_at TIMESTAMPTZ,
    breach_at TIMESTAMPTZ,
    -- Business time left until the target, seconds, while it waits for the customer.
    left_seconds BIGINT,
    met_at TIMESTAMPTZ,
    -- What people were told: 0 nothing, 1 soon due, 2 due, 3 broken.
    told SMALLINT NOT NULL,
    -- When there is something to tell next.
    next_at TIMESTAMPTZ,
    PRIMARY KEY (case_id, kind)
);
CREATE INDEX case_clocks_next ON case_clocks (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX case_clocks_running ON case_clocks (kind, due_at) WHERE met_at IS NULL;

-- What older steps can still say: whose a case was from the beginning, and who took it.
UPDATE case_events SET owner_id = by_id WHERE kind = 'made' AND by_id IS NOT NULL;
UPDATE case_events SET worker_id = by_id WHERE kind = 'claimed' AND by_id IS NOT NULL;
