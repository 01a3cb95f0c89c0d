-- Products that change hands or move to another country, and services that end before their time.

CREATE TABLE transfers (
  transfer_id uuid PRIMARY KEY,
  brand text NOT NULL,
  product_id uuid NOT NULL REFERENCES products,
  kind text NOT NULL CHECK (kind IN ('lease_return', 'sale')),
  state text NOT NULL CHECK (state IN ('pending', 'transferred', 'withdrawn')),
  from_customer_id uuid NOT NULL REFERENCES contacts,
  to_customer_id uuid REFERENCES contacts,
  transferred_on date NOT NULL,
  takes_effect_on date NOT NULL,
  last_billable_on date NOT NULL,
  reason text,
  financing_number text,
  owner text NOT NULL,
  organisation_id uuid,
  by_customer boolean NOT NULL,  -- reported by the former customer: then the product's file is not theirs any more
  reported_at timestamptz NOT NULL,
  settled_at timestamptz,
  CHECK ((kind = 'sale') = (to_customer_id IS NOT NULL)),
  CHECK ((state = 'pending') = (settled_at IS NULL))
);
CREATE UNIQUE INDEX transfers_open ON transfers (product_id) WHERE state = 'pending';
CREATE INDEX transfers_reported ON transfers (reported_at, transfer_id);
CREATE INDEX transfers_customer ON transfers (from_customer_id);
CREATE INDEX transfers_owner ON transfers (owner);
CREATE INDEX transfers_organisation ON transfers (organisation_id);

CREATE TABLE moves (
  move_id uuid PRIMARY KEY,
  brand text NOT NULL,
  product_id uuid NOT NULL REFERENCES products,
  customer_id uuid NOT NULL REFERENCES contacts,
  state text NOT NULL CHECK (state IN ('requested', 'assigned', 'approved', 'refused', 'executed', 'withdrawn')),
  from_country text NOT NULL,
  to_country text NOT NULL CHECK (to_country <> from_country),
  street text NOT NULL,
  postal_code text NOT NULL,
  city text NOT NULL,
  planned_on date NOT NULL,
  reason text NOT NULL,
  assigned_to text,
  approved_on date,
  executed_on date CHECK (executed_on >= approved_on),
  refusal_reason text,
  owner text NOT NULL,
  organisation_id uuid,
  requested_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX moves_open ON moves (product_id) WHERE state IN ('requested', 'assigned', 'approved');
CREATE INDEX moves_requested ON moves (requested_at, move_id);
CREATE INDEX moves_customer ON moves (customer_id);
CREATE INDEX moves_owner ON moves (owner);
CREATE INDEX moves_organisation ON moves (organisation_id);

CREATE TABLE move_steps (
  move_id uuid NOT NULL REFERENCES moves,
  number int NOT NULL,
  state text NOT NULL,
  made_by text NOT NULL,
  made_at timestamptz NOT NULL,
  PRIMARY KEY (move_id, number)
);

-- A service that ended leaves its place to a new one.
ALTER TABLE redemptions ADD COLUMN ended_on date;
DROP INDEX redemptions_live;
CREATE UNIQUE INDEX redemptions_live ON redemptions (product_id, service_reference)
  WHERE cancelled_at IS NULL AND ended_on IS NULL;
