-- Organisations of dealers, who asked to join them, and what was searched before one was created.

CREATE TABLE organisations (
  organisation_id uuid PRIMARY KEY,
  brand text NOT NULL,
  name text NOT NULL,
  street text NOT NULL,
  postal_code text NOT NULL,
  city text NOT NULL,
  country text NOT NULL,
  vat_number text,
  members_see text NOT NULL CHECK (members_see IN ('own', 'all')),
  folded_name text NOT NULL,        -- without accents, case and punctuation
  folded_postal_code text NOT NULL,
  folded_text text NOT NULL,        -- name, city and postal code, for the search
  created_by uuid NOT NULL REFERENCES accounts,
  created_at timestamptz NOT NULL,
  UNIQUE (brand, folded_name, country, folded_postal_code)
);

CREATE TABLE searches (  -- receipts: who searched for which words
  search_id uuid PRIMARY KEY,
  searcher text NOT NULL,
  words text[] NOT NULL,
  searched_at timestamptz NOT NULL
);
CREATE INDEX searches_searched ON searches (searched_at);

CREATE TABLE join_requests (
  join_request_id uuid PRIMARY KEY,
  brand text NOT NULL,
  organisation_id uuid NOT NULL REFERENCES organisations,
  account_id uuid NOT NULL REFERENCES accounts,
  state text NOT NULL CHECK (state IN ('pending', 'approved', 'refused', 'withdrawn')),
  reason text,
  requested_at timestamptz NOT NULL,
  decided_at timestamptz,
  decided_by text,
  CHECK ((state = 'pending') = (decided_at IS NULL))
);
CREATE UNIQUE INDEX join_requests_open ON join_requests (account_id) WHERE state = 'pending';
CREATE INDEX join_requests_organisation ON join_requests (organisation_id, requested_at, join_request_id);
