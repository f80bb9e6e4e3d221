-- Who took a step of an order and why; empty for what the till or its buyer did. Steps that are taken in the ledger have a stream_id that begins
-- with "led-", so none can be that of an entry of the orders stream.
ALTER TABLE order_events ADD COLUMN by_account TEXT NOT NULL DEFAULT '';
ALTER TABLE order_events ADD COLUMN why TEXT NOT NULL DEFAULT '';

ALTER TABLE orders ADD COLUMN carrier TEXT NOT NULL DEFAULT '';
ALTER TABLE orders ADD COLUMN tracking_number TEXT NOT NULL DEFAULT '';
