-- What operators did. A row is written before its act and ended after it; one without an outcome is of an act
-- that is under way, or in which the process died.

CREATE TABLE audit (
  id       BYTEA PRIMARY KEY CHECK (length(id) = 16),
  at       BIGINT NOT NULL,
  actor    TEXT COLLATE "C" NOT NULL,
  act      TEXT COLLATE "C" NOT NULL,
  about    TEXT NOT NULL,
  request  TEXT NOT NULL,
  outcome  TEXT CHECK ((outcome IS NULL) = (ended_at IS NULL)),
  ended_at BIGINT
);
