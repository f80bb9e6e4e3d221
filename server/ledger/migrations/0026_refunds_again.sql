-- The newest request to the provider for this refund: one that it refuses for good may be asked for again, under a new id. Empty: the provider was never asked.
ALTER TABLE refunds ADD COLUMN request_id TEXT NOT NULL DEFAULT '';
UPDATE refunds SET request_id = id WHERE EXISTS (SELECT 1 FROM refund_requests q WHERE q.id = refunds.id);

-- Until which day, in days since 1970-01-01 in +8, a provider's statement has been compared by itself; the last day may not have ended then.
CREATE TABLE statement_checks (
  provider TEXT PRIMARY KEY,
  day BIGINT NOT NULL
);
