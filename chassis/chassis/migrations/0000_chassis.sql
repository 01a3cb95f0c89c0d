-- The tables every service's database has: what leaves it, what has arrived, what was answered, what is due.

CREATE TABLE outbox (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  event_id uuid NOT NULL,
  topic text NOT NULL,
  msg_key bytea,
  headers json NOT NULL,  -- [[name, latin-1 text], …]: json, not jsonb, keeps every byte of a foreign header
  payload bytea,
  created_at timestamptz NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_cost_delay = 0);

CREATE TABLE inbox (
  consumer text NOT NULL,
  event_id uuid NOT NULL,
  entered_at timestamptz NOT NULL DEFAULT now(),  -- for clearing away only
  PRIMARY KEY (consumer, event_id)
);
CREATE INDEX inbox_entered_at ON inbox USING brin (entered_at);

CREATE TABLE idempotency (
  caller text NOT NULL,
  key text NOT NULL,
  fingerprint bytea NOT NULL,
  status int NOT NULL,
  answer bytea NOT NULL,
  answered_at timestamptz NOT NULL,
  PRIMARY KEY (caller, key)
);
CREATE INDEX idempotency_answered_at ON idempotency (answered_at);

CREATE TABLE timer (
  kind text NOT NULL,
  subject text NOT NULL,
  due_at timestamptz NOT NULL,
  not_before timestamptz NOT NULL,  -- due_at, or later after a failed attempt
  payload json NOT NULL,
  correlation_id text NOT NULL,
  causation_id text,
  attempts int NOT NULL DEFAULT 0,
  last_error text,
  PRIMARY KEY (kind, subject)
);
CREATE INDEX timer_not_before ON timer (not_before);

CREATE TABLE dead_letter (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  consumer text NOT NULL,
  topic text NOT NULL,
  partition int NOT NULL,
  "offset" bigint NOT NULL,
  msg_key bytea,
  headers json NOT NULL,
  payload bytea,
  error_class text NOT NULL,
  message text NOT NULL,
  fingerprint text NOT NULL,
  attempt int NOT NULL DEFAULT 1,
  first_failed_at timestamptz NOT NULL,
  UNIQUE (consumer, topic, partition, "offset")
);
CREATE INDEX dead_letter_lane ON dead_letter (consumer, topic, msg_key, id);
