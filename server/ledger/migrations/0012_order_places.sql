-- An entry of an orders stream may hold many orders: `place` is where in its entry an order is, from 0.

CREATE TABLE order_events_by_place (
  show_id TEXT NOT NULL,
  stream_id TEXT NOT NULL,
  place INTEGER NOT NULL,
  order_id TEXT NOT NULL REFERENCES orders(id),
  kind TEXT NOT NULL,
  at_ms BIGINT NOT NULL,
  detail TEXT NOT NULL,
  PRIMARY KEY (show_id, stream_id, place)
);
INSERT INTO order_events_by_place (show_id, stream_id, place, order_id, kind, at_ms, detail)
  SELECT show_id, stream_id, 0, order_id, kind, at_ms, detail FROM order_events;
DROP TABLE order_events;
ALTER TABLE order_events_by_place RENAME TO order_events;
CREATE INDEX order_events_of_order ON order_events(order_id);

CREATE TABLE anomalies_by_place (
  show_id TEXT NOT NULL,
  stream_id TEXT NOT NULL,
  place INTEGER NOT NULL,
  order_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  detail TEXT NOT NULL,
  at_ms BIGINT NOT NULL,
  PRIMARY KEY (show_id, stream_id, place, kind)
);
INSERT INTO anomalies_by_place (show_id, stream_id, place, order_id, kind, detail, at_ms)
  SELECT show_id, stream_id, 0, order_id, kind, detail, at_ms FROM anomalies;
DROP TABLE anomalies;
ALTER TABLE anomalies_by_place RENAME TO anomalies;

-- entries.position counts within the stream's entry, over all its orders.
