-- Whether a task's owner took it away: lists leave it out by this column.

ALTER TABLE tasks ADD COLUMN erased BIGINT NOT NULL DEFAULT 0 CHECK (erased IN (0, 1));

UPDATE tasks SET erased = 1
  WHERE open = 0 AND course LIKE '%"erased_at"%' AND (course::json ->> 'erased_at') IS NOT NULL;

-- What was owed before there was anybody to send it is old news: nobody sends it, unless it is asked for.

UPDATE webhooks SET state = 'dead', note = 'it was owed before webhooks were sent; replay it to send it'
  WHERE state = 'pending' AND host = '' AND tries = 0;
