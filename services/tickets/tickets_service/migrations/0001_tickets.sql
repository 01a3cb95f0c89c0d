-- Requests on units with their history, and what was heard about the units they are about.

CREATE TABLE products (
  product_id uuid PRIMARY KEY,
  brand text NOT NULL,
  serial text NOT NULL,
  model text NOT NULL,
  customer_id uuid NOT NULL,
  warranty_ends_on date NOT NULL
);
CREATE INDEX products_serial ON products (brand, serial);

CREATE TABLE services (
  activation_id uuid PRIMARY KEY,
  brand text NOT NULL,
  serial text NOT NULL,
  product_id uuid NOT NULL,
  service_reference text NOT NULL,
  customer_id uuid NOT NULL,
  operational_at timestamptz NOT NULL,
  ends_on date NOT NULL,
  redemption_id uuid,  -- not known as long as only ServiceOperational was heard
  announced boolean NOT NULL  -- ServiceOperational was heard
);
CREATE INDEX services_serial ON services (brand, serial);

CREATE TABLE cancellations (  -- kept by themselves: one may be heard before the service that it takes back
  redemption_id uuid PRIMARY KEY
);

CREATE TABLE tickets (
  ticket_id uuid PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN ('repair', 'return')),
  brand text NOT NULL,
  serial text NOT NULL,
  model text,
  customer_id uuid NOT NULL,
  complaint text NOT NULL,
  own_reference text,
  repair_ticket_id uuid REFERENCES tickets,
  request_status text NOT NULL,
  progress text NOT NULL,  -- the second status level: how far the repair or the return is
  grms_number text,
  opened_at timestamptz NOT NULL,
  verdict text,
  reasons text[],
  covered_until_on date,
  operational_at timestamptz,
  activation_id uuid,
  service_reference text,
  rule_version text,
  CHECK ((kind = 'repair') = (verdict IS NOT NULL)),
  CHECK ((progress = 'accepted') = (grms_number IS NOT NULL))
);
CREATE INDEX tickets_newest ON tickets (opened_at DESC, ticket_id DESC);
CREATE INDEX tickets_of_unit ON tickets (brand, serial, opened_at DESC, ticket_id DESC);
CREATE INDEX tickets_open_repairs ON tickets (brand, serial) WHERE kind = 'repair' AND request_status = 'in_progress';

CREATE TABLE ticket_history (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  ticket_id uuid NOT NULL REFERENCES tickets,
  happened_at timestamptz NOT NULL,
  what text NOT NULL,
  actor text NOT NULL,
  detail text
);
CREATE INDEX ticket_history_ticket ON ticket_history (ticket_id, id);
