-- Claims go from tenant to tenant, so that each has its turn. The index before this one served claims
-- that asked for the oldest of all; the binary before works without it.

DROP INDEX tasks_due;
CREATE INDEX tasks_turn ON tasks (state, lane, tenant, due_at, id) WHERE open = 1 AND owner IS NULL;

-- What is in flight at each account, counted when a slot is taken. The rows themselves are counted, so
-- that no number beside them can be wrong.

CREATE INDEX tasks_in_flight ON tasks (json_extract(course, '$.state.account'))
  WHERE state IN ('submitting', 'unknown', 'running');
