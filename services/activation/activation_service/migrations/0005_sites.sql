-- Where services are given. Addresses stay in this table: events name a site by its number.

CREATE TABLE sites (
  site_id uuid PRIMARY KEY,
  site_number text NOT NULL UNIQUE,
  brand text NOT NULL,
  name text NOT NULL,
  street text NOT NULL,
  postal_code text NOT NULL,  -- empty where the country has none
  city text NOT NULL,
  country text NOT NULL,
  time_zone text NOT NULL,
  contact_hint text,
  place text NOT NULL,  -- digest of what the address comes down to: the same for every way of writing it
  folded_text text NOT NULL,  -- what a search looks through
  folded_postal_code text NOT NULL,
  owner text NOT NULL,
  organisation_id uuid,
  customer_id uuid,
  created_at timestamptz NOT NULL,
  closed_at timestamptz
);
CREATE INDEX sites_number ON sites (replace(site_number, '-', '') COLLATE "C");  -- found by the beginning of it
-- an account has one open site at a place
CREATE UNIQUE INDEX sites_place ON sites (brand, owner, customer_id, place) NULLS NOT DISTINCT WHERE closed_at IS NULL;
CREATE INDEX sites_newest ON sites (created_at DESC, site_id DESC);
CREATE INDEX sites_owner ON sites (owner, created_at DESC, site_id DESC);
CREATE INDEX sites_organisation ON sites (organisation_id, created_at DESC, site_id DESC) WHERE organisation_id IS NOT NULL;
CREATE INDEX sites_customer ON sites (customer_id, created_at DESC, site_id DESC);
