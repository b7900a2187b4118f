-- Pairs: keys that sign. Their secret is sealed, for signatures cannot be checked with a hash; `hash`
-- of a pair is `pair:` and the access name, which is no SHA-256, so no text that is shown has it.

ALTER TABLE keys ADD COLUMN access TEXT;
ALTER TABLE keys ADD COLUMN sealed_by TEXT CHECK ((sealed_by IS NULL) = (access IS NULL));
ALTER TABLE keys ADD COLUMN sealed BLOB CHECK ((sealed IS NULL) = (access IS NULL));

CREATE UNIQUE INDEX keys_access ON keys (access) WHERE access IS NOT NULL;
