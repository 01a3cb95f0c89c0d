-- The catalogue: offers as they stand, whether a policy or a command said so.

CREATE TABLE offers (
  brand text NOT NULL,
  reference text NOT NULL,
  offer_id uuid NOT NULL UNIQUE,
  revision integer NOT NULL CHECK (revision > 0),
  content jsonb NOT NULL,  -- as an entry of the policy; what has its usual value is left out
  on_sale boolean NOT NULL,
  entry_digest text,  -- of the policy's entry that was last published; none: the policy has no such entry
  published_at timestamptz NOT NULL,
  PRIMARY KEY (brand, reference)
);
