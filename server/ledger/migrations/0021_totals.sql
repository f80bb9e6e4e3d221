-- Totals: sums that are kept, and what sums as of an earlier moment need. Money is fen, weight grams, times Unix milliseconds.

-- A show's live totals. They move in the transaction of what they count, so that reading them takes as long as there are keys, however many orders. The
-- truth is the order lines: reconcile recounts them. dimension: 1 the show itself, 2 place of origin, 3 product. held: unpaid, and stock is kept for it.
-- unit: of the units; empty when there are several.
CREATE TABLE sales_sums (
  show_id TEXT NOT NULL REFERENCES shows(id),
  dimension INTEGER NOT NULL CHECK (dimension BETWEEN 1 AND 3),
  key TEXT NOT NULL,
  name TEXT NOT NULL,
  unit TEXT NOT NULL,
  orders_held BIGINT NOT NULL DEFAULT 0,
  orders_paid BIGINT NOT NULL DEFAULT 0,
  units_held BIGINT NOT NULL DEFAULT 0,
  units_paid BIGINT NOT NULL DEFAULT 0,
  held_fen BIGINT NOT NULL DEFAULT 0,
  paid_fen BIGINT NOT NULL DEFAULT 0,
  refunded_fen BIGINT NOT NULL DEFAULT 0,
  refund_due_fen BIGINT NOT NULL DEFAULT 0,
  held_g BIGINT NOT NULL DEFAULT 0,
  paid_g BIGINT NOT NULL DEFAULT 0,
  buyers_paid BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (show_id, dimension, key),
  -- An order whose goods could not be counted any more is refused when it is placed. No lower bound: a sum that has gone wrong must not stop a sale.
  CHECK (units_held + units_paid <= 9000000000000000000 AND held_fen + paid_fen <= 9000000000000000000 AND held_g + paid_g <= 9000000000000000000)
);

-- Who has paid for anything in a show, once each.
CREATE TABLE show_buyers (
  show_id TEXT NOT NULL REFERENCES shows(id),
  buyer_id TEXT NOT NULL,
  PRIMARY KEY (show_id, buyer_id)
);
INSERT INTO show_buyers (show_id, buyer_id) SELECT DISTINCT show_id, buyer_id FROM orders WHERE state = 2 AND buyer_id <> '';

INSERT INTO sales_sums (show_id, dimension, key, name, unit, orders_held, orders_paid, units_held, units_paid, held_fen, paid_fen, refunded_fen, held_g, paid_g)
  SELECT o.show_id, 2, l.origin_code, max(l.origin_name), CASE WHEN min(l.unit) = max(l.unit) THEN min(l.unit) ELSE '' END,
    count(DISTINCT CASE WHEN o.state = 1 THEN o.id END), count(DISTINCT CASE WHEN o.state = 2 THEN o.id END),
    CAST(sum(CASE WHEN o.state = 1 THEN l.units ELSE 0 END) AS BIGINT), CAST(sum(CASE WHEN o.state = 2 THEN l.units ELSE 0 END) AS BIGINT),
    CAST(sum(CASE WHEN o.state = 1 THEN l.amount_fen ELSE 0 END) AS BIGINT), CAST(sum(CASE WHEN o.state = 2 THEN l.amount_fen ELSE 0 END) AS BIGINT),
    CAST(sum(l.refunded_fen) AS BIGINT),
    CAST(sum(CASE WHEN o.state = 1 THEN l.weight_g ELSE 0 END) AS BIGINT), CAST(sum(CASE WHEN o.state = 2 THEN l.weight_g ELSE 0 END) AS BIGINT)
  FROM orders o JOIN order_lines l ON l.order_id = o.id WHERE o.state IN (1, 2) GROUP BY o.show_id, l.origin_code;
INSERT INTO sales_sums (show_id, dimension, key, name, unit, orders_held, orders_paid, units_held, units_paid, held_fen, paid_fen, refunded_fen, held_g, paid_g)
  SELECT o.show_id, 3, l.product_id, max(l.title), CASE WHEN min(l.unit) = max(l.unit) THEN min(l.unit) ELSE '' END,
    count(DISTINCT CASE WHEN o.state = 1 THEN o.id END), count(DISTINCT CASE WHEN o.state = 2 THEN o.id END),
    CAST(sum(CASE WHEN o.state = 1 THEN l.units ELSE 0 END) AS BIGINT), CAST(sum(CASE WHEN o.state = 2 THEN l.units ELSE 0 END) AS BIGINT),
    CAST(sum(CASE WHEN o.state = 1 THEN l.amount_fen ELSE 0 END) AS BIGINT), CAST(sum(CASE WHEN o.state = 2 THEN l.amount_fen ELSE 0 END) AS BIGINT),
    CAST(sum(l.refunded_fen) AS BIGINT),
    CAST(sum(CASE WHEN o.state = 1 THEN l.weight_g ELSE 0 END) AS BIGINT), CAST(sum(CASE WHEN o.state = 2 THEN l.weight_g ELSE 0 END) AS BIGINT)
  FROM orders o JOIN order_lines l ON l.order_id = o.id WHERE o.state IN (1, 2) GROUP BY o.show_id, l.product_id;
-- Each line has one product, so the show's sums are those of its products, but for what counts orders and people.
INSERT INTO sales_sums (show_id, dimension, key, name, unit, orders_held, orders_paid, units_held, units_paid, held_fen, paid_fen, refunded_fen, held_g, paid_g)
  SELECT show_id, 1, show_id, '', CASE WHEN min(unit) = max(unit) THEN min(unit) ELSE '' END, 0, 0, CAST(sum(units_held) AS BIGINT), CAST(sum(units_paid) AS BIGINT),
    CAST(sum(held_fen) AS BIGINT), CAST(sum(paid_fen) AS BIGINT), CAST(sum(refunded_fen) AS BIGINT), CAST(sum(held_g) AS BIGINT), CAST(sum(paid_g) AS BIGINT)
  FROM sales_sums WHERE dimension = 3 GROUP BY show_id;
INSERT INTO sales_sums (show_id, dimension, key, name, unit)
  SELECT DISTINCT show_id, 1, show_id, '', '' FROM orders WHERE refund_due_fen > 0 ON CONFLICT DO NOTHING;
UPDATE sales_sums SET
  orders_held = (SELECT count(*) FROM orders o WHERE o.show_id = sales_sums.show_id AND o.state = 1),
  orders_paid = (SELECT count(*) FROM orders o WHERE o.show_id = sales_sums.show_id AND o.state = 2),
  refund_due_fen = (SELECT CAST(coalesce(sum(o.refund_due_fen), 0) AS BIGINT) FROM orders o WHERE o.show_id = sales_sums.show_id),
  buyers_paid = (SELECT count(*) FROM show_buyers b WHERE b.show_id = sales_sums.show_id)
  WHERE dimension = 1;

-- What an accepted refund takes off each line of its order. Rows are only added. Refunds of one order that were accepted before this step stand together
-- under the newest of them.
CREATE TABLE refund_lines (
  refund_id TEXT NOT NULL REFERENCES refunds(id),
  position INTEGER NOT NULL,
  amount_fen BIGINT NOT NULL CHECK (amount_fen >= 0),
  units BIGINT NOT NULL CHECK (units >= 0),
  PRIMARY KEY (refund_id, position)
);
INSERT INTO refund_lines (refund_id, position, amount_fen, units)
  SELECT f.id, l.position, l.refunded_fen, l.refunded_units FROM order_lines l JOIN refunds f ON f.order_id = l.order_id
  WHERE f.state IN (2, 3, 5) AND NOT EXISTS (SELECT 1 FROM refunds n WHERE n.order_id = f.order_id AND n.state IN (2, 3, 5) AND
    (n.decided_ms > f.decided_ms OR (n.decided_ms = f.decided_ms AND n.id > f.id)));

CREATE INDEX refunds_by_decision ON refunds(show_id, decided_ms);

-- The segment that the offer belonged to when the order was placed; empty: none. Offers move, orders do not.
ALTER TABLE orders ADD COLUMN segment_id TEXT NOT NULL DEFAULT '';
UPDATE orders SET segment_id = coalesce((SELECT f.segment_id FROM offers f WHERE f.id = orders.offer_id), '');
-- The supplier that the product had then.
UPDATE order_lines SET supplier_id = coalesce((SELECT p.supplier_id FROM products p WHERE p.id = order_lines.product_id), '') WHERE supplier_id = '';

-- What an organisation says of itself; 0: nobody has said. members: of a buying one, for the league. households, people: that live by what a supplier sells.
ALTER TABLE organisations ADD COLUMN members BIGINT NOT NULL DEFAULT 0 CHECK (members BETWEEN 0 AND 10000000000);
ALTER TABLE organisations ADD COLUMN households BIGINT NOT NULL DEFAULT 0 CHECK (households BETWEEN 0 AND 10000000000);
ALTER TABLE organisations ADD COLUMN people BIGINT NOT NULL DEFAULT 0 CHECK (people BETWEEN 0 AND 10000000000);

-- Few among very many.
CREATE INDEX orders_of_organisation ON orders(organisation_id, paid_ms) WHERE organisation_id <> '';

-- What the recount of a show after its end found. Rows are only added.
CREATE TABLE reconciliations (
  show_id TEXT NOT NULL REFERENCES shows(id),
  at_ms BIGINT NOT NULL,
  differences BIGINT NOT NULL CHECK (differences >= 0),
  first_difference TEXT NOT NULL,
  PRIMARY KEY (show_id, at_ms)
);
