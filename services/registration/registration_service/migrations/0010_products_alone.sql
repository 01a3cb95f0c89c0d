-- Products that are registered without a service: how, with which documents; and claims to the product alone.

ALTER TABLE products
  ADD COLUMN registered_as text CHECK (registered_as IN ('end-customer', 'reseller')),  -- null from before, and by a sale
  ADD COLUMN proof_of_purchase uuid[] NOT NULL DEFAULT '{}';

ALTER TABLE contests
  ALTER COLUMN certificate_id DROP NOT NULL,
  ALTER COLUMN service_reference DROP NOT NULL,
  ADD CHECK ((certificate_id IS NULL) = (service_reference IS NULL));
