-- Editions of the price book, as they were loaded; a row never changes. `book` is JSON. In force is the one
-- that began last.

CREATE TABLE price_books (
  version      TEXT PRIMARY KEY NOT NULL,
  effective_at INTEGER NOT NULL,
  loaded_at    INTEGER NOT NULL,
  loaded_by    TEXT NOT NULL,
  book         TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX price_books_in_time ON price_books (effective_at, loaded_at);
