-- Editions of the price book, as they were loaded; a row never changes. `book` is JSON. In force is the one
-- that began last.

CREATE TABLE price_books (
  version      TEXT COLLATE "C" PRIMARY KEY,
  effective_at BIGINT NOT NULL,
  loaded_at    BIGINT NOT NULL,
  loaded_by    TEXT NOT NULL,
  book         TEXT NOT NULL
);

CREATE INDEX price_books_in_time ON price_books (effective_at, loaded_at);
