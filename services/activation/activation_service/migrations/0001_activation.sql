-- What became of each redeemed unit, and the services that run.

CREATE TABLE redemptions (
  redemption_id uuid PRIMARY KEY,
  outcome text NOT NULL CHECK (outcome IN ('activated', 'refused', 'cancelled')),
  decided_at timestamptz NOT NULL
);

CREATE TABLE activations (
  activation_id uuid PRIMARY KEY,
  redemption_id uuid NOT NULL UNIQUE REFERENCES redemptions,
  brand text NOT NULL,
  product_id uuid NOT NULL,
  serial text NOT NULL,
  service_reference text NOT NULL,
  service_name text NOT NULL,
  response_level text NOT NULL,
  customer_id uuid NOT NULL,
  state text NOT NULL CHECK (state IN ('in_setup', 'operational', 'cancelled')),
  activated_at timestamptz NOT NULL,
  operational_at timestamptz NOT NULL CHECK (operational_at >= activated_at),
  ends_on date NOT NULL,
  cancelled_at timestamptz CHECK ((cancelled_at IS NOT NULL) = (state = 'cancelled'))
);
CREATE INDEX activations_newest ON activations (activated_at DESC, activation_id DESC);
CREATE INDEX activations_serial ON activations (serial, activated_at DESC, activation_id DESC);
CREATE INDEX activations_brand ON activations (brand, activated_at DESC, activation_id DESC);
