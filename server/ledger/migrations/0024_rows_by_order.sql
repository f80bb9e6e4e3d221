-- Lines, events and entries are kept by their order: every question about them comes by way of an order, and each table had a second index for that.

CREATE TABLE order_lines_by_order (
  order_id TEXT NOT NULL REFERENCES orders(id),
  position INTEGER NOT NULL,
  stock_id TEXT NOT NULL REFERENCES stocks(id),
  product_id TEXT NOT NULL,
  title TEXT NOT NULL,
  unit TEXT NOT NULL,
  units BIGINT NOT NULL CHECK (units > 0),
  amount_fen BIGINT NOT NULL CHECK (amount_fen >= 0),
  weight_g BIGINT NOT NULL CHECK (weight_g >= 0),
  origin_code TEXT NOT NULL,
  origin_name TEXT NOT NULL,
  supplier_id TEXT NOT NULL DEFAULT '',
  subsidy_fen BIGINT NOT NULL DEFAULT 0 CHECK (subsidy_fen >= 0),
  refunded_fen BIGINT NOT NULL DEFAULT 0 CHECK (refunded_fen >= 0),
  refunded_units BIGINT NOT NULL DEFAULT 0 CHECK (refunded_units >= 0),
  PRIMARY KEY (order_id, position)
);
INSERT INTO order_lines_by_order (order_id, position, stock_id, product_id, title, unit, units, amount_fen, weight_g, origin_code, origin_name, supplier_id,
  subsidy_fen, refunded_fen, refunded_units)
  SELECT order_id, position, stock_id, product_id, title, unit, units, amount_fen, weight_g, origin_code, origin_name, supplier_id, subsidy_fen, refunded_fen,
  refunded_units FROM order_lines;
DROP TABLE order_lines;
ALTER TABLE order_lines_by_order RENAME TO order_lines;

CREATE TABLE order_events_by_order (
  order_id TEXT NOT NULL REFERENCES orders(id),
  stream_id TEXT NOT NULL,
  place INTEGER NOT NULL,
  show_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  at_ms BIGINT NOT NULL,
  detail TEXT NOT NULL,
  by_account TEXT NOT NULL DEFAULT '',
  why TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (order_id, stream_id, place)
);
INSERT INTO order_events_by_order (order_id, stream_id, place, show_id, kind, at_ms, detail, by_account, why)
  SELECT order_id, stream_id, place, show_id, kind, at_ms, detail, by_account, why FROM order_events;
DROP TABLE order_events;
ALTER TABLE order_events_by_order RENAME TO order_events;

CREATE TABLE entries_by_order (
  order_id TEXT NOT NULL REFERENCES orders(id),
  stream_id TEXT NOT NULL,
  position INTEGER NOT NULL,
  show_id TEXT NOT NULL,
  debit TEXT NOT NULL,
  credit TEXT NOT NULL,
  amount_fen BIGINT NOT NULL CHECK (amount_fen > 0),
  at_ms BIGINT NOT NULL,
  PRIMARY KEY (order_id, stream_id, position),
  CHECK (debit <> credit)
);
INSERT INTO entries_by_order (order_id, stream_id, position, show_id, debit, credit, amount_fen, at_ms)
  SELECT order_id, stream_id, position, show_id, debit, credit, amount_fen, at_ms FROM entries;
DROP TABLE entries;
ALTER TABLE entries_by_order RENAME TO entries;

-- PostgreSQL asks for each row's parent with a statement of its own, which is half of the time that an order takes there. The rows of an order come from one
-- function in one transaction that has just read show, offer and stock; reconcile looks for rows without their parents on either database.
-- PostgreSQL: ALTER TABLE orders DROP CONSTRAINT orders_show_id_fkey, DROP CONSTRAINT orders_offer_id_fkey;
-- PostgreSQL: ALTER TABLE order_lines DROP CONSTRAINT order_lines_by_order_order_id_fkey, DROP CONSTRAINT order_lines_by_order_stock_id_fkey;
-- PostgreSQL: ALTER TABLE order_events DROP CONSTRAINT order_events_by_order_order_id_fkey;
-- PostgreSQL: ALTER TABLE entries DROP CONSTRAINT entries_by_order_order_id_fkey;
