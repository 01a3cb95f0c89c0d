-- Persons, orders with their certificates, the ledger of units, products and what they redeemed.

CREATE TABLE contacts (
  contact_id uuid PRIMARY KEY,
  brand text NOT NULL,
  name text NOT NULL,
  email text NOT NULL,
  language text NOT NULL,
  changed_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX contacts_brand_email ON contacts (brand, lower(email));

CREATE TABLE orders (
  order_id uuid PRIMARY KEY,
  brand text NOT NULL,
  case_number text NOT NULL,
  service_reference text NOT NULL,
  quantity int NOT NULL CHECK (quantity > 0),
  buyer_id uuid NOT NULL REFERENCES contacts,
  confirmed_at timestamptz NOT NULL,
  UNIQUE (brand, case_number)
);

CREATE TABLE certificates (
  certificate_id uuid PRIMARY KEY,
  order_id uuid NOT NULL UNIQUE REFERENCES orders,
  brand text NOT NULL,
  number text NOT NULL UNIQUE,
  service_reference text NOT NULL,
  quantity int NOT NULL CHECK (quantity > 0),
  units_left int NOT NULL CHECK (units_left BETWEEN 0 AND quantity),  -- quantity plus the sum of its entries
  issued_at timestamptz NOT NULL
);

CREATE TABLE entries (
  entry_id uuid PRIMARY KEY,
  certificate_id uuid NOT NULL REFERENCES certificates,
  redemption_id uuid NOT NULL,
  customer_id uuid NOT NULL REFERENCES contacts,
  serial text NOT NULL,
  change int NOT NULL CHECK (change IN (-1, 1)),
  entered_at timestamptz NOT NULL,
  UNIQUE (redemption_id, change)  -- a unit is taken once and given back at most once
);
CREATE INDEX entries_certificate ON entries (certificate_id, entered_at, entry_id);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
  'BEGIN RAISE EXCEPTION ''entries of the ledger are never changed; enter the opposite instead''; END';
CREATE TRIGGER entries_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON entries
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE products (
  product_id uuid PRIMARY KEY,
  brand text NOT NULL,
  model text NOT NULL,
  serial text NOT NULL,
  purchased_on date NOT NULL,
  warranty_ends_on date NOT NULL,
  customer_id uuid NOT NULL REFERENCES contacts,
  registered_at timestamptz NOT NULL,
  UNIQUE (brand, model, serial)
);

CREATE TABLE redemptions (
  redemption_id uuid PRIMARY KEY,
  product_id uuid NOT NULL REFERENCES products,
  certificate_id uuid NOT NULL REFERENCES certificates,
  service_reference text NOT NULL,
  redeemed_at timestamptz NOT NULL,
  cancelled_at timestamptz
);
CREATE UNIQUE INDEX redemptions_live ON redemptions (product_id, service_reference) WHERE cancelled_at IS NULL;
