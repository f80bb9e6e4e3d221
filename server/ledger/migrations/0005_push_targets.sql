-- Other platforms that a room's picture is pushed on to.

-- sealed_key: the stream key there, encrypted with the media secret; without that file it is lost.
CREATE TABLE push_targets (
  id TEXT PRIMARY KEY,
  room_id TEXT NOT NULL,
  name TEXT NOT NULL,
  url TEXT NOT NULL,
  sealed_key TEXT NOT NULL,
  key_end TEXT NOT NULL,
  created_ms BIGINT NOT NULL
);
CREATE INDEX push_targets_by_room ON push_targets (room_id, created_ms);
