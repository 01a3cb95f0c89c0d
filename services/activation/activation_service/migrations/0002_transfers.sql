-- Services that end before their time because their product changed hands.

ALTER TABLE activations DROP CONSTRAINT activations_state_check;
ALTER TABLE activations ADD CONSTRAINT activations_state_check
  CHECK (state IN ('in_setup', 'operational', 'ended', 'cancelled'));
ALTER TABLE activations ADD COLUMN to_announce boolean NOT NULL DEFAULT true;  -- the end of its set-up
UPDATE activations SET to_announce = state = 'in_setup';
ALTER TABLE activations ADD COLUMN ended_on date CHECK ((ended_on IS NOT NULL) = (state = 'ended'));

CREATE TABLE transfers (  -- those heard before the certificate whose service they concern
  number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  transfer_id uuid NOT NULL,
  redemption_id uuid NOT NULL,
  to_customer_id uuid,  -- none: back with the lessor
  last_billable_on date NOT NULL,
  kept_at timestamptz NOT NULL,
  UNIQUE (redemption_id, transfer_id)
);
