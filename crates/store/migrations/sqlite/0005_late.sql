-- Failed tasks that await a late result, by when they are looked at next: `due_at` of a final row, zero
-- where nobody looks. The binary before writes zero there and never reads it.

CREATE INDEX tasks_late ON tasks (due_at, id) WHERE open = 0 AND due_at > 0;
