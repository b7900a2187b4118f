-- What was agreed with tenants and about keys, as JSON: limits, scopes, prices. A row of the binary before
-- has nothing in it that narrows.

ALTER TABLE tenants ADD COLUMN terms TEXT NOT NULL DEFAULT '{}';
ALTER TABLE keys ADD COLUMN terms TEXT NOT NULL DEFAULT '{}';
