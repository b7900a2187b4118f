-- Who booked a credit or correction, and its name, by which a repeat is known. Lines of tasks have neither.
-- Statements read a tenant's lines by time; usage is summed by it.

ALTER TABLE lines ADD COLUMN author TEXT;
ALTER TABLE lines ADD COLUMN entry TEXT;

CREATE UNIQUE INDEX lines_of_entry ON lines (entry) WHERE entry IS NOT NULL;
CREATE INDEX lines_of_tenant ON lines (tenant, at);
CREATE INDEX usage_of_tenant ON usage (tenant, at, key, outcome, charge_micros);
