-- A room's second stream key, of the publisher that stands by; only its SHA-256 is kept.
CREATE TABLE backup_stream_keys (
  room_id TEXT PRIMARY KEY REFERENCES shows(room_id),
  key_hash TEXT NOT NULL UNIQUE,
  created_ms BIGINT NOT NULL
);
