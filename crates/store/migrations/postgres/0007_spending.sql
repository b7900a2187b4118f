-- What keys and tenants have used, for their limits: what was held for tasks and neither given back nor
-- charged less, by the day (UTC, days since the Unix epoch) on which the task was born, and over all time
-- in the row of day -1, which also counts unfinished tasks. Kept for every task, limited or not, so that a
-- limit that is set later counts right. It follows `lines` and `tasks`, from which it is filled here. A task's key is the first
-- that its wish names; the database does not read a wish as JSON where a prompt has a zero character.

CREATE TABLE spending (
  holder BYTEA NOT NULL CHECK (length(holder) = 16),
  day    BIGINT NOT NULL,
  spent  BIGINT NOT NULL,
  open   BIGINT NOT NULL,
  PRIMARY KEY (holder, day)
) WITH (fillfactor = 50);

WITH born AS (
  SELECT t.tenant AS tenant, decode(substring(t.origin FROM '"key":"([0-9a-f]{32})"'), 'hex') AS key,
    t.created_at / 86400000 AS day, t.open AS open,
    coalesce(sum(CASE l.kind WHEN 'release' THEN -l.amount ELSE l.amount END), 0) AS spent
  FROM tasks t LEFT JOIN lines l
    ON l.task = t.id AND l.task IS NOT NULL AND l.kind IN ('hold', 'release', 'excess')
  GROUP BY t.id),
used AS (
  SELECT tenant AS holder, day, spent, 0 AS open FROM born
  UNION ALL SELECT key, day, spent, 0 FROM born
  UNION ALL SELECT tenant, -1, spent, open FROM born
  UNION ALL SELECT key, -1, spent, open FROM born)
INSERT INTO spending (holder, day, spent, open)
  SELECT holder, day, CAST(sum(spent) AS BIGINT), CAST(sum(open) AS BIGINT) FROM used GROUP BY holder, day;

-- How far ahead of the clock the requests of a key or a tenant are, in microseconds since the Unix epoch:
-- the theoretical arrival time of its next request, to which every process adds what it let through
-- (`weight` is what was added last). It
-- may be lost in a crash: then a minute begins anew.

CREATE UNLOGGED TABLE rates (
  holder  BYTEA PRIMARY KEY CHECK (length(holder) = 16),
  arrives BIGINT NOT NULL,
  weight  BIGINT NOT NULL
) WITH (fillfactor = 50);
