-- Registered products as registration tells them, what is known of a service beyond its redemption, and contracts.

CREATE TABLE products (  -- as last heard of
  product_id uuid PRIMARY KEY,
  brand text NOT NULL,
  serial text NOT NULL,
  model text NOT NULL,
  purchased_on date,  -- these two are not known as long as only a change of hands was heard of
  warranty_ends_on date,
  customer_id uuid,  -- none: back with the lessor
  owner text NOT NULL DEFAULT '',
  organisation_id uuid,
  country text,  -- where a move has brought it
  moved_for uuid,  -- whose it was then: where the next customer has it is not known
  registered_by_fact uuid,  -- ids of the latest facts about each of these: an older one, heard later, changes nothing
  owned_by_fact uuid,
  moved_by_fact uuid
);
CREATE INDEX products_serial ON products (brand, serial, model);
CREATE INDEX products_customer ON products (customer_id, product_id DESC);
CREATE INDEX products_owner ON products (owner, product_id DESC);
CREATE INDEX products_organisation ON products (organisation_id, product_id DESC) WHERE organisation_id IS NOT NULL;

ALTER TABLE activations
  ADD COLUMN model text,
  ADD COLUMN site_number text,
  ADD COLUMN contract_id uuid,
  ADD COLUMN contract_number text,
  ADD COLUMN terms_version text,
  ADD COLUMN request_id uuid,
  ADD COLUMN owner text NOT NULL DEFAULT '',
  ADD COLUMN organisation_id uuid;
-- a service that a contract brings has no redeemed unit
ALTER TABLE activations DROP CONSTRAINT activations_redemption_id_fkey;

CREATE SEQUENCE contract_numbers;
CREATE TABLE contracts (
  contract_id uuid PRIMARY KEY,
  number text NOT NULL,
  brand text NOT NULL,
  customer_id uuid NOT NULL,
  owner text NOT NULL,
  organisation_id uuid,
  certificate_id uuid,  -- whose units opened it; none: it was agreed without certificates
  opened_on date NOT NULL,  -- first day of its first term: from here the minimum months count
  starts_on date NOT NULL,  -- first day of the current term
  ends_on date NOT NULL CHECK (ends_on >= starts_on),
  state text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'expired', 'terminated')),
  terminated_by text CHECK (terminated_by IN ('customer', 'vendor')),
  termination_reason text,
  noticed_on date,
  last_billable_on date,  -- of a contract that ends before its term
  changes integer NOT NULL DEFAULT 0,
  opened_at timestamptz NOT NULL,
  UNIQUE (brand, number),
  CHECK ((state = 'terminated') <= (last_billable_on IS NOT NULL))
);
CREATE INDEX contracts_newest ON contracts (opened_at DESC, contract_id DESC);
CREATE INDEX contracts_customer ON contracts (customer_id, opened_at DESC);
CREATE INDEX contracts_certificate ON contracts (certificate_id, customer_id) WHERE certificate_id IS NOT NULL;

CREATE TABLE contract_lines (
  activation_id uuid PRIMARY KEY,
  contract_id uuid NOT NULL REFERENCES contracts,
  product_id uuid NOT NULL,
  serial text NOT NULL,
  model text NOT NULL,
  service_reference text NOT NULL,
  added_on date NOT NULL,
  removed_on date  -- last billable day of a line that went out of a contract that goes on
);
CREATE INDEX contract_lines_contract ON contract_lines (contract_id, added_on, activation_id);
CREATE INDEX contract_lines_serial ON contract_lines (serial, model);

CREATE TABLE contract_history (
  number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  contract_id uuid NOT NULL REFERENCES contracts,
  happened_at timestamptz NOT NULL,
  what text NOT NULL,  -- opened, line_added, line_removed, renewed, noticed, expired, …
  by text NOT NULL,
  detail jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX contract_history_contract ON contract_history (contract_id, number);
