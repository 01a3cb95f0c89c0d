-- What contracts remember of their reminders and of where their lines came from.

ALTER TABLE contracts
  ADD COLUMN follows_contract_id uuid REFERENCES contracts,  -- of a former customer, whose products came with their services
  ADD COLUMN reminded_days integer;  -- the reminder of this term that counts as said, in days before its end
ALTER TABLE contracts DROP COLUMN changes;
CREATE INDEX contracts_number ON contracts (number);  -- asked for without its brand
CREATE INDEX contracts_owner ON contracts (owner, opened_at DESC);
CREATE INDEX contracts_organisation ON contracts (organisation_id, opened_at DESC) WHERE organisation_id IS NOT NULL;
CREATE INDEX contracts_follows ON contracts (follows_contract_id, customer_id) WHERE follows_contract_id IS NOT NULL;

-- a service whose product changes hands goes from one contract to the next
ALTER TABLE contract_lines DROP CONSTRAINT contract_lines_pkey;
ALTER TABLE contract_lines
  ADD PRIMARY KEY (activation_id, contract_id),
  ADD COLUMN number bigint GENERATED ALWAYS AS IDENTITY,
  ADD COLUMN cancelled boolean NOT NULL DEFAULT false,  -- came in by mistake and never counted
  ADD CHECK (removed_on >= added_on),
  ADD CHECK (removed_on IS NOT NULL OR NOT cancelled);
CREATE INDEX contract_lines_product ON contract_lines (product_id, contract_id);
