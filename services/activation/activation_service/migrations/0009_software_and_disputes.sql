-- Licences of the software that services maintain, and disputes about cover.

CREATE TABLE licences (
  licence_id uuid PRIMARY KEY,
  brand text NOT NULL,
  software text NOT NULL,
  software_name text NOT NULL,
  product_id uuid NOT NULL,
  serial text NOT NULL,
  model text NOT NULL,
  customer_id uuid NOT NULL,
  owner text NOT NULL,
  organisation_id uuid,
  activation_id uuid NOT NULL,  -- the service that maintains it longest
  maintained_until date NOT NULL,
  reinstated_until date,  -- last day of the maintenance that was paid for after a lapse
  created_at timestamptz NOT NULL,
  issued_at timestamptz,  -- none: it waits for its key
  lapsed_on date,  -- first day without maintenance, once that was said
  revoked_at timestamptz
);
CREATE INDEX licences_newest ON licences (created_at DESC, licence_id DESC);
CREATE INDEX licences_customer ON licences (customer_id, created_at DESC, licence_id DESC);
CREATE INDEX licences_owner ON licences (owner, created_at DESC, licence_id DESC);
CREATE INDEX licences_organisation ON licences (organisation_id, created_at DESC, licence_id DESC)
  WHERE organisation_id IS NOT NULL;
CREATE INDEX licences_product ON licences (product_id, software);
CREATE INDEX licences_waiting ON licences (brand, software, created_at, licence_id)
  WHERE issued_at IS NULL AND revoked_at IS NULL;

CREATE TABLE licence_services (
  activation_id uuid NOT NULL,
  licence_id uuid NOT NULL REFERENCES licences,
  until date NOT NULL,  -- last day of the service, inclusive
  PRIMARY KEY (activation_id, licence_id)
);
CREATE INDEX licence_services_licence ON licence_services (licence_id);

CREATE TABLE licence_keys (  -- read by nothing but the answer to the licence's holder
  number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  brand text NOT NULL,
  software text NOT NULL,
  key text NOT NULL,
  licence_id uuid UNIQUE REFERENCES licences,  -- whose key it is
  loaded_by text NOT NULL,
  loaded_at timestamptz NOT NULL,
  UNIQUE (brand, software, key)
);
CREATE INDEX licence_keys_free ON licence_keys (brand, software, number) WHERE licence_id IS NULL;

CREATE TABLE licence_history (
  number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  licence_id uuid NOT NULL REFERENCES licences,
  happened_at timestamptz NOT NULL,
  what text NOT NULL,
  side text NOT NULL CHECK (side IN ('holder', 'staff', 'service')),
  by text NOT NULL  -- subject of the token; this service's name for what it does by itself
);
CREATE INDEX licence_history_licence ON licence_history (licence_id, number);

CREATE TABLE releases (
  release_id uuid PRIMARY KEY,
  brand text NOT NULL,
  software text NOT NULL,
  version text NOT NULL,
  released_on date NOT NULL,
  download_url text,
  document_id uuid,
  loaded_by text NOT NULL,
  loaded_at timestamptz NOT NULL,
  UNIQUE (brand, software, version),
  CHECK ((download_url IS NULL) <> (document_id IS NULL))
);
CREATE INDEX releases_newest ON releases (brand, software, released_on DESC, release_id DESC);

CREATE TABLE disputes (
  dispute_id uuid PRIMARY KEY,
  brand text NOT NULL,
  product_id uuid NOT NULL,
  serial text NOT NULL,
  model text NOT NULL,
  customer_id uuid NOT NULL,
  owner text NOT NULL,
  organisation_id uuid,
  ticket_id uuid,  -- the repair about which cover was denied
  denied_on date NOT NULL,  -- the day for which it was
  opened_at timestamptz NOT NULL,
  decision text CHECK (decision IN ('covered', 'not_covered', 'withdrawn')),
  reason text,
  covered_from date,
  covered_until date CHECK (covered_until >= covered_from),
  activation_id uuid,
  decided_by text,
  decided_at timestamptz,
  CHECK ((decision IS NULL) = (decided_at IS NULL)),
  CHECK ((covered_from IS NOT NULL AND covered_until IS NOT NULL) = (decision IS NOT DISTINCT FROM 'covered'))
);
CREATE INDEX disputes_newest ON disputes (opened_at DESC, dispute_id DESC);
CREATE INDEX disputes_customer ON disputes (customer_id, opened_at DESC, dispute_id DESC);
CREATE INDEX disputes_owner ON disputes (owner, opened_at DESC, dispute_id DESC);
CREATE INDEX disputes_organisation ON disputes (organisation_id, opened_at DESC, dispute_id DESC)
  WHERE organisation_id IS NOT NULL;
CREATE UNIQUE INDEX disputes_open ON disputes (product_id, customer_id) WHERE decided_at IS NULL;

CREATE TABLE dispute_evidence (
  evidence_id uuid PRIMARY KEY,
  dispute_id uuid NOT NULL REFERENCES disputes,
  side text NOT NULL CHECK (side IN ('customer', 'staff')),
  statement text NOT NULL,
  documents uuid[] NOT NULL,
  given_by text NOT NULL,
  given_at timestamptz NOT NULL
);
CREATE INDEX dispute_evidence_dispute ON dispute_evidence (dispute_id, given_at, evidence_id);
