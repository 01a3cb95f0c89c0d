-- Persons in full, known units, whose files are whose, who moved a unit and why, products claimed twice.

ALTER TABLE contacts
  ADD COLUMN company text,
  ADD COLUMN phone text,
  ADD COLUMN street text,
  ADD COLUMN postal_code text,
  ADD COLUMN city text,
  ADD COLUMN country text,
  ADD COLUMN channel text CHECK (channel IN ('email', 'phone', 'post', 'none'));

-- Rows from before have an owner that no token names: those who see every file see them.
ALTER TABLE orders ADD COLUMN owner text NOT NULL DEFAULT '', ADD COLUMN organisation_id uuid;
ALTER TABLE orders ALTER COLUMN owner DROP DEFAULT;
CREATE INDEX orders_confirmed ON orders (confirmed_at, order_id);
CREATE INDEX orders_owner ON orders (owner);
CREATE INDEX orders_organisation ON orders (organisation_id);
CREATE INDEX orders_buyer ON orders (buyer_id);

ALTER TABLE entries ADD COLUMN entered_by text NOT NULL DEFAULT '', ADD COLUMN reason text NOT NULL DEFAULT '';
ALTER TABLE entries ALTER COLUMN entered_by DROP DEFAULT, ALTER COLUMN reason DROP DEFAULT;

ALTER TABLE products
  ADD COLUMN owner text NOT NULL DEFAULT '',
  ADD COLUMN organisation_id uuid,
  ADD COLUMN released_at timestamptz,  -- its customer took the last registration back: whoever registers next has it
  ADD COLUMN given_up_at timestamptz;  -- likewise, while somebody else claimed it: released when nobody claims it more
ALTER TABLE products ALTER COLUMN owner DROP DEFAULT;
CREATE INDEX products_serial ON products (brand, serial);
CREATE INDEX products_customer ON products (customer_id);
CREATE INDEX products_owner ON products (owner);
CREATE INDEX products_organisation ON products (organisation_id);
CREATE INDEX products_registered ON products (registered_at, product_id);

ALTER TABLE redemptions
  ADD COLUMN owner text NOT NULL DEFAULT '',
  ADD COLUMN organisation_id uuid,
  ADD COLUMN customer_id uuid REFERENCES contacts,  -- for whom it was made; the product may be another's by now
  ADD COLUMN registered_as text NOT NULL DEFAULT 'end-customer' CHECK (registered_as IN ('end-customer', 'reseller')),
  ADD COLUMN proof_of_purchase uuid[] NOT NULL DEFAULT '{}',
  ADD COLUMN cancellation_reason text
    CHECK (cancellation_reason IN ('activation_refused', 'customer_request', 'contest_settled')),
  ADD COLUMN cancellation_note text;
UPDATE redemptions r SET customer_id = p.customer_id FROM products p WHERE p.product_id = r.product_id;
UPDATE redemptions SET cancellation_reason = 'activation_refused' WHERE cancelled_at IS NOT NULL;
ALTER TABLE redemptions
  ALTER COLUMN owner DROP DEFAULT,
  ALTER COLUMN customer_id SET NOT NULL,
  ADD CHECK ((cancelled_at IS NULL) = (cancellation_reason IS NULL)),
  ADD CHECK (cancelled_at IS NOT NULL OR cancellation_note IS NULL);
CREATE INDEX redemptions_product ON redemptions (product_id);
CREATE INDEX redemptions_certificate ON redemptions (certificate_id);
CREATE INDEX redemptions_customer ON redemptions (customer_id);
CREATE INDEX redemptions_owner ON redemptions (owner);
CREATE INDEX redemptions_organisation ON redemptions (organisation_id);
CREATE INDEX redemptions_redeemed ON redemptions (redeemed_at, redemption_id);

CREATE TABLE units (
  brand text NOT NULL,
  serial text NOT NULL,
  model text NOT NULL,
  known_at timestamptz NOT NULL,
  PRIMARY KEY (brand, serial, model)
);

CREATE TABLE code_files (
  code_file_id uuid PRIMARY KEY,
  brand text NOT NULL,
  recipient_id uuid NOT NULL REFERENCES contacts,
  case_numbers text[] NOT NULL,
  owner text NOT NULL,
  organisation_id uuid,
  sent_at timestamptz NOT NULL
);

CREATE TABLE contests (
  contest_id uuid PRIMARY KEY,
  brand text NOT NULL,
  product_id uuid NOT NULL REFERENCES products,
  holder_id uuid NOT NULL REFERENCES contacts,
  holder_owner text NOT NULL,
  holder_organisation_id uuid,
  claimant_id uuid NOT NULL REFERENCES contacts,
  owner text NOT NULL,  -- the claimant's side
  organisation_id uuid,
  certificate_id uuid NOT NULL REFERENCES certificates,
  service_reference text NOT NULL,
  purchased_on date NOT NULL,
  registered_as text NOT NULL CHECK (registered_as IN ('end-customer', 'reseller')),
  proof_of_purchase uuid[] NOT NULL,
  opened_at timestamptz NOT NULL,
  decision text CHECK (decision IN ('holder_keeps', 'claimant_gets', 'withdrawn')),
  reason text,
  decided_by text,
  settled_at timestamptz,
  CHECK (holder_id <> claimant_id OR settled_at IS NOT NULL),
  CHECK ((decision IS NULL) = (settled_at IS NULL)),
  CHECK ((decision IS NULL) = (decided_by IS NULL)),
  CHECK ((decision IS NULL OR decision = 'withdrawn') = (reason IS NULL))
);
CREATE UNIQUE INDEX contests_open ON contests (product_id, claimant_id) WHERE settled_at IS NULL;
CREATE INDEX contests_opened ON contests (opened_at, contest_id);
CREATE INDEX contests_product ON contests (product_id) WHERE settled_at IS NULL;
CREATE INDEX contests_holder ON contests (holder_id);
CREATE INDEX contests_holder_owner ON contests (holder_owner);
CREATE INDEX contests_holder_organisation ON contests (holder_organisation_id);
CREATE INDEX contests_claimant ON contests (claimant_id);
CREATE INDEX contests_owner ON contests (owner);
CREATE INDEX contests_organisation ON contests (organisation_id);

CREATE TABLE evidence (
  evidence_id uuid PRIMARY KEY,
  contest_id uuid NOT NULL REFERENCES contests,
  party text NOT NULL CHECK (party IN ('holder', 'claimant', 'former-holder')),
  statement text NOT NULL,
  documents uuid[] NOT NULL,
  given_by text NOT NULL,
  given_at timestamptz NOT NULL
);
CREATE INDEX evidence_contest ON evidence (contest_id, given_at, evidence_id);
