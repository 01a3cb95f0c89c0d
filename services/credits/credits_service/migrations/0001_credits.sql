-- Invoices, each unit's money, and what became of each accepted return.

CREATE TABLE invoices (
  invoice_id uuid PRIMARY KEY,
  brand text NOT NULL,
  invoice_number text NOT NULL,
  serial text NOT NULL,
  invoiced_on date NOT NULL,
  price numeric(12, 2) NOT NULL CHECK (price > 0),
  currency text NOT NULL,
  recorded_at timestamptz NOT NULL,
  UNIQUE (brand, invoice_number, serial)  -- one invoice may list many units
);

CREATE TABLE units (
  brand text NOT NULL,
  serial text NOT NULL,
  PRIMARY KEY (brand, serial)
);

CREATE TABLE credits (
  credit_id uuid PRIMARY KEY,
  ticket_id uuid NOT NULL UNIQUE,
  brand text NOT NULL,
  serial text NOT NULL,
  customer_id uuid NOT NULL,
  grms_number text NOT NULL,
  accepted_on date NOT NULL,
  state text NOT NULL CHECK (state IN ('requested', 'issued', 'refused')),
  reason text CHECK ((reason IS NOT NULL) = (state = 'refused')),
  requested_at timestamptz NOT NULL,
  issued_at timestamptz CHECK ((issued_at IS NOT NULL) = (state = 'issued')),
  invoice_number text,
  invoiced_on date CHECK (invoiced_on <= accepted_on),
  base numeric(12, 2),
  amount numeric(12, 2) CHECK (amount BETWEEN 0 AND base),
  currency text,
  age_months int CHECK (age_months >= 0),
  depreciation_percent int CHECK (depreciation_percent BETWEEN 0 AND 100),
  FOREIGN KEY (brand, serial) REFERENCES units,
  CHECK (num_nulls(invoice_number, invoiced_on, base, amount, currency, age_months, depreciation_percent)
         = CASE state WHEN 'issued' THEN 0 ELSE 7 END)
);
CREATE UNIQUE INDEX credits_one_for_a_unit ON credits (brand, serial) WHERE state <> 'refused';
CREATE INDEX credits_newest ON credits (requested_at DESC, credit_id DESC);
CREATE INDEX credits_serial ON credits (serial);
CREATE INDEX credits_grms_number ON credits (grms_number);
CREATE INDEX credits_invoice_number ON credits (invoice_number);

CREATE TABLE entries (
  entry_id uuid PRIMARY KEY,
  brand text NOT NULL,
  serial text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('invoiced', 'credited')),
  amount numeric(12, 2) NOT NULL CHECK (CASE kind WHEN 'invoiced' THEN amount > 0 ELSE amount <= 0 END),
  currency text NOT NULL,
  invoice_number text NOT NULL,
  booked_on date NOT NULL,  -- the day of the invoice, or of the acceptance
  credit_id uuid REFERENCES credits CHECK ((credit_id IS NOT NULL) = (kind = 'credited')),
  entered_at timestamptz NOT NULL,
  FOREIGN KEY (brand, serial) REFERENCES units
);
CREATE INDEX entries_unit ON entries (brand, serial);
CREATE UNIQUE INDEX entries_one_credit_for_a_unit ON entries (brand, serial) WHERE kind = 'credited';

-- what is in the ledger stays in it
REVOKE UPDATE, DELETE, TRUNCATE ON entries FROM CURRENT_USER;
