-- Claims go from tenant to tenant, so that each has its turn. The index before this one served claims
-- that asked for the oldest of all; the binary before works without it.

DROP INDEX tasks_due;
CREATE INDEX tasks_turn ON tasks (state, lane, tenant, due_at, id) WHERE open = 1 AND owner IS NULL;
