-- Where and how an order came about, how far it has got, and what of it was given back. Money is fen.

-- channel: 1 a show, 2 the mall (on sale without a broadcast), 3 bulk orders of organisations, 4 an offline stall.
ALTER TABLE shows ADD COLUMN channel INTEGER NOT NULL DEFAULT 1 CHECK (channel BETWEEN 1 AND 4);

-- kind: 1 sale, 2 bought instead of donated (以购代捐), 3 bulk order of an organisation, 4 gift. Totals keep them apart.
ALTER TABLE orders ADD COLUMN kind INTEGER NOT NULL DEFAULT 1 CHECK (kind BETWEEN 1 AND 4);
-- What became of a paid order: 0 nothing yet, 1 packed, 2 shipped, 3 done, 4 refunding, 5 refunded in full. It only rises.
ALTER TABLE orders ADD COLUMN progress INTEGER NOT NULL DEFAULT 0 CHECK (progress BETWEEN 0 AND 5);
-- The buying organisation; empty for a person.
ALTER TABLE orders ADD COLUMN organisation_id TEXT NOT NULL DEFAULT '';
-- amount_fen is what the buyer pays; a subsidy fund adds subsidy_fen to it for the suppliers.
ALTER TABLE orders ADD COLUMN subsidy_fen BIGINT NOT NULL DEFAULT 0 CHECK (subsidy_fen >= 0);
ALTER TABLE orders ADD COLUMN refunded_fen BIGINT NOT NULL DEFAULT 0 CHECK (refunded_fen >= 0);

ALTER TABLE order_lines ADD COLUMN supplier_id TEXT NOT NULL DEFAULT '';
ALTER TABLE order_lines ADD COLUMN subsidy_fen BIGINT NOT NULL DEFAULT 0 CHECK (subsidy_fen >= 0);
ALTER TABLE order_lines ADD COLUMN refunded_fen BIGINT NOT NULL DEFAULT 0 CHECK (refunded_fen >= 0);
ALTER TABLE order_lines ADD COLUMN refunded_units BIGINT NOT NULL DEFAULT 0 CHECK (refunded_units >= 0);
