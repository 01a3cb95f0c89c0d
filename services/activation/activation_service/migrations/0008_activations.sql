-- What is asked of services beyond their redemption, and what waits for a review.

ALTER TABLE activations ADD COLUMN starts_on date;  -- first day in the brand's time zone
-- of before: by UTC, since a brand's time zone stands in its policy, of which SQL knows nothing
UPDATE activations SET starts_on = (activated_at AT TIME ZONE 'UTC')::date;
ALTER TABLE activations ALTER COLUMN starts_on SET NOT NULL;
ALTER TABLE activations ADD COLUMN agreed boolean NOT NULL DEFAULT false;  -- brought by a contract, without a unit
CREATE INDEX activations_product ON activations (product_id, activated_at DESC, activation_id DESC);
CREATE INDEX activations_customer ON activations (customer_id, activated_at DESC, activation_id DESC);
CREATE INDEX activations_owner ON activations (owner, activated_at DESC, activation_id DESC);
CREATE INDEX activations_organisation ON activations (organisation_id, activated_at DESC, activation_id DESC)
  WHERE organisation_id IS NOT NULL;
CREATE INDEX activations_contract ON activations (contract_number) WHERE contract_number IS NOT NULL;
CREATE INDEX activations_site ON activations (site_number) WHERE site_number IS NOT NULL;

ALTER TABLE redemptions DROP CONSTRAINT redemptions_outcome_check;
ALTER TABLE redemptions ADD CONSTRAINT redemptions_outcome_check
  CHECK (outcome IN ('activated', 'held', 'refused', 'cancelled'));
ALTER TABLE redemptions ADD COLUMN fact uuid;  -- id of the fact that told of it: what happened later has a greater one
ALTER TABLE redemptions ADD COLUMN held jsonb CHECK ((held IS NOT NULL) = (outcome = 'held'));  -- that fact, for later

ALTER TABLE transfers
  ADD COLUMN fact uuid,
  ADD COLUMN from_customer_id uuid,
  ADD COLUMN to_owner text NOT NULL DEFAULT '',
  ADD COLUMN to_organisation_id uuid,
  ADD COLUMN applied_at timestamptz;  -- none: it waits for its certificate, or for the change of hands before it

CREATE TABLE moves (  -- where products went, also before a service of theirs was heard of
  move_id uuid PRIMARY KEY,
  fact uuid NOT NULL,  -- id of the fact that told of it
  product_id uuid NOT NULL,
  customer_id uuid NOT NULL,
  to_country text NOT NULL,
  executed_on date NOT NULL,
  kept_id uuid NOT NULL  -- made when it was heard, as are ids of services: whatever the clock says, they go with time
);
CREATE INDEX moves_product ON moves (product_id, fact);

CREATE TABLE moved_services (  -- moves that were applied to a service
  redemption_id uuid NOT NULL,
  move_id uuid NOT NULL,
  PRIMARY KEY (redemption_id, move_id)
);

CREATE TABLE holders (  -- whose file a product was while it was a customer's, as the latest fact about that says
  product_id uuid NOT NULL,
  customer_id uuid NOT NULL,
  owner text NOT NULL,
  organisation_id uuid,
  fact uuid NOT NULL,
  PRIMARY KEY (product_id, customer_id)
);
