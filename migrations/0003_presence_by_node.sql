-- Who is connected is held by the node's lease: a node renews one row, not one for each person and page.
CREATE TABLE nodes (
    id UUID PRIMARY KEY,
    seen_at TIMESTAMPTZ NOT NULL
);
-- The node where a person's console is; nothing: the last one has closed. Which person was seen when is in presence_seen.
ALTER TABLE presence ADD COLUMN node_id UUID;
CREATE VIEW presence_seen AS
    SELECT p.staff_id, p.state, p.since, p.idle_since, CASE WHEN n.seen_at > p.seen_at THEN n.seen_at ELSE p.seen_at END AS seen_at
    FROM presence p LEFT JOIN nodes n ON n.id = p.node_id;
-- The node where the customer's page is; nothing: it left, at customer_seen_at.
ALTER TABLE chats DROP COLUMN customer_here;
ALTER TABLE chats ADD COLUMN customer_node_id UUID;
CREATE INDEX presence_node ON presence (node_id);
CREATE INDEX chats_customer_node ON chats (customer_node_id) WHERE customer_node_id IS NOT NULL;
CREATE INDEX chats_left ON chats (customer_seen_at) WHERE state <> 'ended' AND customer_node_id IS NULL;
