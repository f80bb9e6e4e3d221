-- Orders of the ledger's own: how far each part has got, how their money went back, and gifts. Times are Unix milliseconds.

-- state: the numbers of ConsigneeState in bulk.proto; it only rises. carrier and tracking_number: of a part that is shipped.
ALTER TABLE order_consignees ADD COLUMN state INTEGER NOT NULL DEFAULT 1 CHECK (state BETWEEN 1 AND 3);
ALTER TABLE order_consignees ADD COLUMN carrier TEXT NOT NULL DEFAULT '';
ALTER TABLE order_consignees ADD COLUMN tracking_number TEXT NOT NULL DEFAULT '';
ALTER TABLE order_consignees ADD COLUMN shipped_ms BIGINT NOT NULL DEFAULT 0;
ALTER TABLE order_consignees ADD COLUMN received_ms BIGINT NOT NULL DEFAULT 0;
-- Until now whole orders were shipped and received, and the notes of these steps tell of those that were refunded since.
UPDATE order_consignees SET
  carrier = (SELECT o.carrier FROM orders o WHERE o.id = order_consignees.order_id),
  tracking_number = (SELECT o.tracking_number FROM orders o WHERE o.id = order_consignees.order_id),
  shipped_ms = coalesce((SELECT max(e.at_ms) FROM order_events e WHERE e.order_id = order_consignees.order_id AND e.kind = 'shipped'), 0),
  received_ms = coalesce((SELECT max(e.at_ms) FROM order_events e WHERE e.order_id = order_consignees.order_id AND e.kind = 'done'), 0);
UPDATE order_consignees SET state = CASE WHEN received_ms > 0 THEN 3 WHEN shipped_ms > 0 THEN 2 ELSE 1 END;

-- How staff gave the money back: the number of the transfer, the receipt. Empty: the payment provider does.
ALTER TABLE refunds ADD COLUMN reference TEXT NOT NULL DEFAULT '';
-- Of direct_orders.count: parts that were not sent, and went back into the show's stock with a refund.
ALTER TABLE direct_orders ADD COLUMN restocked_count BIGINT NOT NULL DEFAULT 0 CHECK (restocked_count >= 0);

-- A gift costs nothing, and nothing else does. How SQLite changes the rule of a column: lang_altertable.html, section 7.
-- SQLite: PRAGMA writable_schema = ON;
-- SQLite: UPDATE sqlite_schema SET sql = replace(sql, 'CHECK (unit_price_fen BETWEEN 1 AND 10000000000)', 'CHECK (unit_price_fen BETWEEN 1 AND 10000000000 OR (kind = 4 AND unit_price_fen = 0))') WHERE type = 'table' AND name = 'orders';
-- SQLite: PRAGMA writable_schema = RESET;
-- PostgreSQL: ALTER TABLE orders DROP CONSTRAINT orders_unit_price_fen_check;
-- PostgreSQL: ALTER TABLE orders ADD CONSTRAINT orders_unit_price_fen_check CHECK (unit_price_fen BETWEEN 1 AND 10000000000 OR (kind = 4 AND unit_price_fen = 0));
