-- The first key of a line of keys, in whose name what all of them use is counted: a key that takes the place of
-- another goes on with what that one used. None: the key is the first of its line, as is every key that the
-- binary before made.

ALTER TABLE keys ADD COLUMN holder BLOB CHECK (length(holder) = 16);
