-- Whether a task's owner took it away: lists leave it out by this column.

ALTER TABLE tasks ADD COLUMN erased BIGINT NOT NULL DEFAULT 0 CHECK (erased IN (0, 1));

UPDATE tasks SET erased = 1
  WHERE open = 0 AND course LIKE '%"erased_at"%' AND (course::json ->> 'erased_at') IS NOT NULL;
