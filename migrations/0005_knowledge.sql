-- Whatever changes what is suggested takes the next revision: nodes ask for what came after the one they have. `model` is the
-- language model's version that the meanings were made with.
CREATE TABLE knowledge (
    id SMALLINT PRIMARY KEY,
    revision BIGINT NOT NULL,
    model SMALLINT NOT NULL
);
INSERT INTO knowledge (id, revision, model) VALUES (1, 0, 0);
ALTER TABLE solutions ADD COLUMN revision BIGINT NOT NULL DEFAULT 0;
-- What it means, as a vector; nothing: that is still to be worked out.
ALTER TABLE solutions ADD COLUMN meaning BYTEA;
CREATE INDEX solutions_revision ON solutions (revision);
CREATE INDEX solutions_unread ON solutions (id) WHERE meaning IS NULL;
CREATE INDEX solution_visits_solution ON solution_visits (solution_id, opened_at);
-- What the customer asked, as vectors: whole and after its beginnings.
ALTER TABLE cases ADD COLUMN meaning BYTEA;
CREATE INDEX cases_solution ON cases (solution_id, updated_at);
CREATE INDEX cases_unread ON cases (id) WHERE meaning IS NULL AND solution_id IS NOT NULL;
