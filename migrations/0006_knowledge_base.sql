-- The knowledge base around the suggestions. `solutions` has what is published, each version of it stays in
-- `solution_versions`, and what is being written is in `solution_drafts`: one draft a solution.
ALTER TABLE solutions ADD COLUMN language TEXT NOT NULL DEFAULT 'en';
-- Who may read it: everyone, customers who are signed in, staff.
ALTER TABLE solutions ADD COLUMN audience TEXT NOT NULL DEFAULT 'everyone';
-- The version of the product that it describes; empty: any.
ALTER TABLE solutions ADD COLUMN product_version TEXT NOT NULL DEFAULT '';
ALTER TABLE solutions ADD COLUMN related JSONB NOT NULL DEFAULT '[]';
-- The last version that was published; 0: none yet.
ALTER TABLE solutions ADD COLUMN version BIGINT NOT NULL DEFAULT 0;
-- Its place among the top solutions, if somebody gave it one.
ALTER TABLE solutions ADD COLUMN pinned SMALLINT;
-- The case that it was made from.
ALTER TABLE solutions ADD COLUMN case_id UUID REFERENCES cases (id);
CREATE INDEX solutions_updated ON solutions (updated_at);
CREATE INDEX solutions_pinned ON solutions (pinned) WHERE pinned IS NOT NULL;
CREATE INDEX solutions_case ON solutions (case_id) WHERE case_id IS NOT NULL;

CREATE TABLE solution_versions (
    solution_id UUID NOT NULL REFERENCES solutions (id),
    version BIGINT NOT NULL,
    title TEXT NOT NULL,
    body TEXT NOT NULL,
    category_key TEXT NOT NULL,
    language TEXT NOT NULL,
    audience TEXT NOT NULL,
    product_version TEXT NOT NULL,
    related JSONB NOT NULL,
    -- Who wrote it, and who published it; empty: it was brought in from elsewhere.
    author TEXT NOT NULL,
    publisher TEXT NOT NULL,
    published_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (solution_id, version)
);
UPDATE solutions SET version = 1;
INSERT INTO solution_versions (solution_id, version, title, body, category_key, language, audience, product_version, related,
                               author, publisher, published_at)
SELECT id, 1, title, body, category_key, language, audience, product_version, related, '', '', updated_at FROM solutions;

CREATE TABLE solution_drafts (
    solution_id UUID PRIMARY KEY REFERENCES solutions (id),
    title TEXT NOT NULL,
    body TEXT NOT NULL,
    category_key TEXT NOT NULL,
    language TEXT NOT NULL,
    audience TEXT NOT NULL,
    product_version TEXT NOT NULL,
    related JSONB NOT NULL,
    -- draft, or in_review.
    state TEXT NOT NULL,
    -- Counts the changes: whoever saves names the one that was read.
    edit BIGINT NOT NULL,
    -- What the reviewer said when it was sent back.
    note TEXT NOT NULL,
    author_id UUID NOT NULL REFERENCES staff (id),
    editor_id UUID NOT NULL REFERENCES staff (id),
    updated_at TIMESTAMPTZ NOT NULL
);
CREATE TABLE solution_pictures (
    id UUID PRIMARY KEY,
    solution_id UUID NOT NULL REFERENCES solutions (id),
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    data BYTEA NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX solution_pictures_solution ON solution_pictures (solution_id);

-- What was looked for, and the ids of what came up, best first.
CREATE TABLE solution_searches (
    id UUID PRIMARY KEY,
    at TIMESTAMPTZ NOT NULL,
    -- chat: a question that was asked though solutions were shown; help: the search of the help pages.
    place TEXT NOT NULL,
    chat_id UUID REFERENCES chats (id),
    text TEXT NOT NULL,
    shown JSONB NOT NULL
);
CREATE INDEX solution_searches_at ON solution_searches (at);
CREATE INDEX solution_searches_chat ON solution_searches (chat_id) WHERE chat_id IS NOT NULL;

-- Solutions are opened outside of chats, too: by a reader of the help pages, perhaps out of a search.
CREATE TABLE visits (
    id UUID PRIMARY KEY,
    solution_id UUID NOT NULL REFERENCES solutions (id),
    chat_id UUID REFERENCES chats (id),
    reader TEXT NOT NULL,
    search_id UUID REFERENCES solution_searches (id),
    opened_at TIMESTAMPTZ NOT NULL,
    solved BOOLEAN
);
INSERT INTO visits (id, solution_id, chat_id, reader, opened_at, solved)
SELECT id, solution_id, chat_id, '', opened_at, solved FROM solution_visits;
DROP TABLE solution_visits;
ALTER TABLE visits RENAME TO solution_visits;
CREATE INDEX solution_visits_chat ON solution_visits (chat_id, solution_id);
CREATE INDEX solution_visits_solution ON solution_visits (solution_id, opened_at);
CREATE INDEX solution_visits_reader ON solution_visits (reader, solution_id, opened_at);
CREATE INDEX solution_visits_opened ON solution_visits (opened_at);
CREATE INDEX solution_visits_search ON solution_visits (search_id) WHERE search_id IS NOT NULL;

-- Which visits needed somebody.
CREATE INDEX chats_asked ON chats (queued_at) WHERE queued_at IS NOT NULL;
