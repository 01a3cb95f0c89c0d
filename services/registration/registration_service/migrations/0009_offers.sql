-- What is sold, as activation tells; days of purchase; codes that were given for a product; services without a unit.

CREATE TABLE offers (
  brand text NOT NULL,
  reference text NOT NULL,
  revision int NOT NULL,               -- the highest one that was heard
  name_en text NOT NULL,
  name_fr text NOT NULL,
  name_nl text NOT NULL,
  models text[] NOT NULL,
  extends_warranty boolean NOT NULL,
  code_days int,                       -- from the purchase; null without a deadline
  on_sale boolean NOT NULL,
  PRIMARY KEY (brand, reference)
);

ALTER TABLE orders
  ADD COLUMN purchased_on date,        -- null from before: the day on which it was confirmed, at the brand's
  ADD COLUMN usable_until date,        -- last day, by the catalogue of then; null without a deadline, and from before
  ADD CHECK (usable_until >= purchased_on);

ALTER TABLE redemptions
  ADD COLUMN request_id uuid,          -- of the activation request that gave the code
  DROP CONSTRAINT redemptions_cancellation_reason_check,
  ADD CONSTRAINT redemptions_cancellation_reason_check CHECK (cancellation_reason IN
    ('activation_refused', 'activation_cancelled', 'customer_request', 'contest_settled'));
CREATE UNIQUE INDEX redemptions_request ON redemptions (request_id) WHERE request_id IS NOT NULL;

CREATE TABLE wrong_codes (
  who text PRIMARY KEY,                -- an account, or a server and the customer for whom it speaks
  wrong int NOT NULL,
  since_at timestamptz NOT NULL        -- the first wrong one of this window
);

-- A contract brings services that no unit was redeemed for: their product and name stand here.
ALTER TABLE services
  ADD COLUMN product_id uuid,
  ADD COLUMN service_reference text,
  ADD COLUMN activated_at timestamptz,
  ADD COLUMN cancelled boolean NOT NULL DEFAULT false;
CREATE INDEX services_product ON services (product_id);
