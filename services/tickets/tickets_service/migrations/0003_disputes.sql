-- Services that go on after a renewal, and cover that staff acknowledged in a dispute.

CREATE TABLE extensions (  -- kept by themselves: one may be heard before the service that it prolongs
  activation_id uuid PRIMARY KEY,
  ends_on date NOT NULL  -- the latest that was said
);

CREATE TABLE acknowledgements (
  dispute_id uuid PRIMARY KEY,
  brand text NOT NULL,
  serial text NOT NULL,
  model text NOT NULL,
  product_id uuid NOT NULL,
  ticket_id uuid,  -- the repair that it is about; none: every repair asked for on its days
  covered_from date NOT NULL,
  covered_until date NOT NULL,
  activation_id uuid  -- the service that covers it, where one does
);
CREATE INDEX acknowledgements_serial ON acknowledgements (brand, serial);
