-- What moderators did in a room, kept with the show. Rows are added and never changed.
CREATE TABLE actions (
  id BIGINT PRIMARY KEY,
  room_id TEXT NOT NULL,
  show_id TEXT NOT NULL REFERENCES shows(id),
  at_ms BIGINT NOT NULL,
  by_account TEXT NOT NULL REFERENCES accounts(id),
  kind TEXT NOT NULL CHECK (kind IN ('mute', 'ban', 'delete', 'approve', 'reject', 'rules')),
  account_id TEXT NOT NULL,
  chat_id TEXT NOT NULL,
  line TEXT NOT NULL,
  duration_ms BIGINT NOT NULL CHECK (duration_ms >= 0),
  why TEXT NOT NULL
);
CREATE INDEX actions_by_room ON actions (room_id, id);
