-- Whom to write to, and every mail with what became of it. Personal data and codes: this database is private.

CREATE TABLE contacts (
  contact_id uuid PRIMARY KEY,
  brand text NOT NULL,
  name text NOT NULL,
  email text NOT NULL,
  language text NOT NULL,
  said_by uuid NOT NULL,  -- the ContactChanged that counts; its id is a UUIDv7, so the greater is the newer
  heard_at timestamptz NOT NULL
);

CREATE TABLE mails (
  id uuid PRIMARY KEY,
  message_id text NOT NULL UNIQUE,  -- kept, so that a second attempt says it again whatever policy says by then
  brand text NOT NULL,
  kind text NOT NULL,
  contact_id uuid NOT NULL,
  caused_by uuid NOT NULL,
  correlation_id text NOT NULL,
  event_type text NOT NULL,
  event json NOT NULL,  -- the mail is written from it when it is sent
  state text NOT NULL CHECK (state IN ('waiting', 'queued', 'sent', 'failed')),
  created_at timestamptz NOT NULL,
  queued_at timestamptz,  -- when the contact was known
  next_attempt_at timestamptz,
  attempts int NOT NULL DEFAULT 0,
  last_error text,
  language text,  -- this and the next two as of the latest attempt
  subject text,
  offered_to text,
  sent_at timestamptz,
  UNIQUE (caused_by, contact_id),
  CHECK ((state = 'queued') = (next_attempt_at IS NOT NULL))
);
CREATE INDEX mails_due ON mails (next_attempt_at, id) WHERE state = 'queued';
CREATE INDEX mails_waiting ON mails (contact_id) WHERE state = 'waiting';
CREATE INDEX mails_of_contact ON mails (contact_id, created_at, id);
CREATE INDEX mails_in_state ON mails (state, created_at, id);
CREATE INDEX mails_in_order ON mails (created_at, id);
