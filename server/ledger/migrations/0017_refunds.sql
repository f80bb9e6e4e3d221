-- Refunds of paid orders, as people decide on them; the way of the money is in refund_requests, under the same id.
-- state: the numbers of RefundState in order.proto. asked_fen: as the caller said (0: what the goods cost); amount_fen: what it came to.
-- restock: the goods had not been shipped and go back on sale: 0 no, 1 the till has to be told, 2 it has them.
CREATE TABLE refunds (
  id TEXT PRIMARY KEY,
  order_id TEXT NOT NULL REFERENCES orders(id),
  show_id TEXT NOT NULL REFERENCES shows(id),
  quantity BIGINT NOT NULL CHECK (quantity >= 0),
  asked_quantity BIGINT NOT NULL CHECK (asked_quantity >= 0),
  asked_fen BIGINT NOT NULL CHECK (asked_fen >= 0),
  amount_fen BIGINT NOT NULL CHECK (amount_fen > 0),
  state INTEGER NOT NULL CHECK (state BETWEEN 1 AND 5),
  restock INTEGER NOT NULL DEFAULT 0 CHECK (restock BETWEEN 0 AND 2),
  why TEXT NOT NULL,
  asked_by TEXT NOT NULL,
  asked_ms BIGINT NOT NULL,
  decided_by TEXT NOT NULL DEFAULT '',
  decided_ms BIGINT NOT NULL DEFAULT 0,
  decided_why TEXT NOT NULL DEFAULT '',
  settled_ms BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX refunds_of_order ON refunds(order_id);
CREATE INDEX refunds_of_show ON refunds(show_id, asked_ms);
-- Few at any time among very many.
CREATE INDEX refunds_to_restock ON refunds(decided_ms) WHERE restock = 1;
CREATE INDEX refunds_to_follow ON refunds(decided_ms) WHERE state = 2;
-- One at a time for each order waits for its answer.
CREATE UNIQUE INDEX refunds_waiting ON refunds(order_id) WHERE state = 1;

-- Offers of the order that accepted refunds take out of it, and those of them that went back on sale.
ALTER TABLE orders ADD COLUMN refunded_quantity BIGINT NOT NULL DEFAULT 0 CHECK (refunded_quantity >= 0);
ALTER TABLE orders ADD COLUMN restocked_quantity BIGINT NOT NULL DEFAULT 0 CHECK (restocked_quantity >= 0);
