-- Money that goes back, payments that no order of ours explains, and the sandbox provider's own books. SQL common to SQLite and PostgreSQL.
-- Money is fen, times Unix milliseconds.

-- transaction_id: the provider's number of the money, when it differs from ours. closed_ms: when the provider closed the payment unpaid; money that
-- comes nevertheless still counts. refund_asked_fen: the sum of its refund requests that have not failed.
ALTER TABLE payments ADD COLUMN transaction_id TEXT NOT NULL DEFAULT '';
ALTER TABLE payments ADD COLUMN closed_ms BIGINT NOT NULL DEFAULT 0;
ALTER TABLE payments ADD COLUMN refund_asked_fen BIGINT NOT NULL DEFAULT 0 CHECK (refund_asked_fen BETWEEN 0 AND amount_fen);
CREATE UNIQUE INDEX payments_by_transaction ON payments(provider, transaction_id) WHERE transaction_id <> '';

-- Money that the provider has and no order of ours explains; found by comparing with its statement. order_id is what the provider says.
CREATE TABLE stray_payments (
  provider TEXT NOT NULL,
  id TEXT NOT NULL,
  order_id TEXT NOT NULL,
  amount_fen BIGINT NOT NULL CHECK (amount_fen > 0),
  found_ms BIGINT NOT NULL,
  refund_asked_fen BIGINT NOT NULL DEFAULT 0 CHECK (refund_asked_fen BETWEEN 0 AND amount_fen),
  PRIMARY KEY (provider, id)
);

-- The outbox of refunds: a worker asks the provider until it has an answer. id is the key under which the provider gives the money back once, however
-- often it is asked. state: asked (no yes yet), accepted (the money is under way), done, failed (it never will: a person has to look at it).
-- problem: what the provider said last.
CREATE TABLE refund_requests (
  id TEXT PRIMARY KEY,
  provider TEXT NOT NULL,
  payment_id TEXT NOT NULL,
  order_id TEXT NOT NULL,
  amount_fen BIGINT NOT NULL CHECK (amount_fen > 0),
  reason TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('asked', 'accepted', 'done', 'failed')),
  tries BIGINT NOT NULL DEFAULT 0 CHECK (tries >= 0),
  next_try_ms BIGINT NOT NULL,
  asked_ms BIGINT NOT NULL,
  settled_ms BIGINT NOT NULL DEFAULT 0,
  problem TEXT NOT NULL DEFAULT ''
);
CREATE INDEX refund_requests_due ON refund_requests(state, next_try_ms);
CREATE INDEX refund_requests_of_order ON refund_requests(order_id);

-- The sandbox in the place of a payment provider: what a bank would keep. Only server/commerce/sandbox_* reads and writes these two.
CREATE TABLE sandbox_payments (
  id TEXT PRIMARY KEY,
  order_id TEXT NOT NULL,
  subject TEXT NOT NULL,
  amount_fen BIGINT NOT NULL CHECK (amount_fen > 0),
  state TEXT NOT NULL CHECK (state IN ('open', 'paid', 'closed')),
  created_ms BIGINT NOT NULL,
  expire_ms BIGINT NOT NULL,
  paid_ms BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX sandbox_payments_by_day ON sandbox_payments(paid_ms);
CREATE TABLE sandbox_refunds (
  id TEXT PRIMARY KEY,
  payment_id TEXT NOT NULL REFERENCES sandbox_payments(id),
  amount_fen BIGINT NOT NULL CHECK (amount_fen > 0),
  created_ms BIGINT NOT NULL
);
CREATE INDEX sandbox_refunds_of_payment ON sandbox_refunds(payment_id);

-- Few at any time among very many.
CREATE INDEX payments_to_give_back ON payments(order_id) WHERE state = 'refund_due' AND refund_asked_fen = 0;
CREATE INDEX stray_payments_to_give_back ON stray_payments(order_id) WHERE refund_asked_fen = 0;
