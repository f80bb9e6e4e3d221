-- What a show's curve is drawn from, besides its orders, and the proof that the ledger can be written.

-- One row each 10 s of a live show: connections at that moment, and chat lines taken since the row before.
CREATE TABLE samples (
  show_id TEXT NOT NULL REFERENCES shows(id),
  at_ms BIGINT NOT NULL,
  viewers BIGINT NOT NULL CHECK (viewers >= 0),
  chat_lines BIGINT NOT NULL CHECK (chat_lines >= 0),
  PRIMARY KEY (show_id, at_ms)
);

-- One row; /ready writes it.
CREATE TABLE heartbeat (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  at_ms BIGINT NOT NULL
);
INSERT INTO heartbeat (id, at_ms) VALUES (1, 0);
