-- What services are called, as activation's catalogue says.

CREATE TABLE offers (
  brand text NOT NULL,
  reference text NOT NULL,
  revision integer NOT NULL,  -- of the OfferPublished that counts: the highest that was heard
  names json NOT NULL,
  PRIMARY KEY (brand, reference)
);
