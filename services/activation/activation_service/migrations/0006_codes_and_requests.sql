-- Codes that were bought, with their deadline and their units; services that were asked for by code.

CREATE TABLE codes (  -- one per certificate; its number is in the buyer's mailbox only
  certificate_id uuid PRIMARY KEY,
  order_id uuid NOT NULL,
  brand text NOT NULL,
  buyer_id uuid NOT NULL,
  case_number text NOT NULL,
  service_reference text NOT NULL,
  service_name text NOT NULL,
  quantity integer NOT NULL CHECK (quantity > 0),
  purchased_on date NOT NULL,
  lapses_on date CHECK (lapses_on >= purchased_on),  -- last day, inclusive; none: it never lapses
  warned_days integer,  -- the latest warning that was said: so many days before the last one
  lapse_said boolean NOT NULL DEFAULT false,
  confirmed_at timestamptz NOT NULL,
  units_left integer NOT NULL,  -- quantity without those of code_units that were not given back
  used_up boolean NOT NULL GENERATED ALWAYS AS (units_left <= 0) STORED
);
-- of used_up, not units_left: a unit that goes touches no index unless it is the last one
CREATE INDEX codes_newest ON codes (confirmed_at DESC, certificate_id DESC) WHERE NOT used_up;
CREATE INDEX codes_buyer ON codes (buyer_id, confirmed_at DESC, certificate_id DESC) WHERE NOT used_up;
CREATE INDEX codes_bought ON codes (brand, service_reference, purchased_on) WHERE NOT used_up;
CREATE INDEX codes_lapsing ON codes (lapses_on) WHERE lapses_on IS NOT NULL;

CREATE TABLE code_units (  -- units that were redeemed, also of certificates that are still to be heard of
  redemption_id uuid PRIMARY KEY,
  certificate_id uuid NOT NULL,
  given_back boolean NOT NULL  -- for good: the same unit redeemed again is another redemption
);
CREATE INDEX code_units_taken ON code_units (certificate_id) WHERE NOT given_back;

CREATE TABLE activation_requests (
  request_id uuid PRIMARY KEY,
  brand text NOT NULL,
  owner text NOT NULL,
  organisation_id uuid,
  requested_at timestamptz NOT NULL
);
CREATE INDEX activation_requests_newest ON activation_requests (requested_at DESC, request_id DESC);
CREATE INDEX activation_requests_owner ON activation_requests (owner, requested_at DESC);
CREATE INDEX activation_requests_organisation ON activation_requests (organisation_id, requested_at DESC);

CREATE TABLE activation_items (  -- the code that was given is not kept
  item_id uuid PRIMARY KEY,
  request_id uuid NOT NULL REFERENCES activation_requests,
  position integer NOT NULL,
  state text NOT NULL CHECK (state IN ('presented', 'held', 'activated', 'refused', 'cancelled')),
  service_reference text NOT NULL,
  product_id uuid,  -- none, as the next three: no such product is known to whoever asks
  serial text,
  model text,
  customer_id uuid,
  terms_version text,
  purchased_on date,
  site_number text,
  site_country text,
  site_time_zone text,
  site_address jsonb,  -- as it was when it was compared
  product_address jsonb,
  differences text[] NOT NULL DEFAULT '{}',
  reason jsonb,
  running jsonb,
  redemption_id uuid,
  certificate_id uuid,
  activation_id uuid,
  settled_at timestamptz,
  reviewed_at timestamptz,
  reviewed_by text,
  review_reason text,
  UNIQUE (request_id, position),
  CHECK ((state = 'refused') = (reason IS NOT NULL)),
  CHECK (state <> 'held' OR (redemption_id IS NOT NULL AND differences <> '{}')),
  CHECK (state IN ('refused', 'cancelled') OR product_id IS NOT NULL)
);
CREATE INDEX activation_items_waiting ON activation_items (state, request_id) WHERE state IN ('presented', 'held');
CREATE INDEX activation_items_product ON activation_items (product_id, service_reference) WHERE state IN ('presented', 'held');
CREATE INDEX activation_items_serial ON activation_items (serial);
CREATE INDEX activation_items_customer ON activation_items (customer_id);
CREATE INDEX activation_items_redemption ON activation_items (redemption_id);
