-- What the public check by serial number shows of services (REG-23), and how often who may ask without a token.

CREATE TABLE services (
  activation_id uuid PRIMARY KEY,
  redemption_id uuid,                  -- null as long as the service is only known to be operational
  is_operational boolean NOT NULL,
  operational_at timestamptz,
  ends_on date,                        -- last day as bought, inclusive
  ended_on date                        -- last day of a service that ends sooner; then a set-up is not finished
);
CREATE INDEX services_redemption ON services (redemption_id);

-- Unlogged: what concerns addresses never reaches the write-ahead log, a standby or a physical backup.
CREATE UNLOGGED TABLE allowances (
  purpose text NOT NULL,               -- 'sign-in', 'warranty-check', …
  holder bytea NOT NULL,               -- keyed hash of an address, for this purpose; empty for everybody together
  units double precision NOT NULL,
  filled_at timestamptz NOT NULL,
  PRIMARY KEY (purpose, holder)
) WITH (fillfactor = 50);

CREATE UNLOGGED TABLE address_keys (
  valid_on date PRIMARY KEY,
  key bytea NOT NULL
);
