-- No unique key on what handlers write: an effect that happens twice must show.

CREATE TABLE invoice (invoice_id uuid PRIMARY KEY, serial text NOT NULL UNIQUE, number int NOT NULL);
CREATE TABLE effect (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, event_id text NOT NULL, lane text NOT NULL, step int NOT NULL);
CREATE TABLE reminder (subject text NOT NULL, due_at timestamptz NOT NULL, fired_at timestamptz NOT NULL);
CREATE TABLE poison (serial text PRIMARY KEY);
