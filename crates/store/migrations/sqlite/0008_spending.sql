-- What keys and tenants have used, for their limits: what was held for tasks and neither given back nor
-- charged less, by the day (UTC, days since the Unix epoch) on which the task was born, and over all time
-- in the row of day -1, which also counts unfinished tasks. Kept for every task, limited or not, so that a
-- limit that is set later counts right. It follows `lines` and `tasks`, from which it is filled here.

CREATE TABLE spending (
  holder BLOB NOT NULL CHECK (length(holder) = 16),
  day    INTEGER NOT NULL,
  spent  INTEGER NOT NULL,
  open   INTEGER NOT NULL,
  PRIMARY KEY (holder, day)
) STRICT, WITHOUT ROWID;

WITH born AS (
  SELECT t.tenant AS tenant, unhex(json_extract(t.origin, '$.key')) AS key,
    t.created_at / 86400000 AS day, t.open AS open,
    coalesce(sum(CASE l.kind WHEN 'release' THEN -l.amount ELSE l.amount END), 0) AS spent
  FROM tasks t LEFT JOIN lines l
    ON l.task = t.id AND l.task IS NOT NULL AND l.kind IN ('hold', 'release', 'excess')
  GROUP BY t.rowid),
used AS (
  SELECT tenant AS holder, day, spent, 0 AS open FROM born
  UNION ALL SELECT key, day, spent, 0 FROM born
  UNION ALL SELECT tenant, -1, spent, open FROM born
  UNION ALL SELECT key, -1, spent, open FROM born)
INSERT INTO spending (holder, day, spent, open)
  SELECT holder, day, sum(spent), sum(open) FROM used GROUP BY holder, day;
