-- Accounts, what proves that an address is theirs, their sessions, and failures to sign in.

ALTER TABLE contacts ADD COLUMN account_id uuid UNIQUE;  -- the account that alone may change the contact

CREATE TABLE accounts (
  account_id uuid PRIMARY KEY,
  brand text NOT NULL,
  email text NOT NULL,
  contact_id uuid NOT NULL UNIQUE REFERENCES contacts,
  state text NOT NULL CHECK (state IN ('unverified', 'verified', 'pending', 'active')),
  role text CHECK (role IN ('end-customer', 'dealer-member', 'dealer-admin')),
  organisation_id uuid,
  sees_all_files boolean NOT NULL DEFAULT false,  -- what the organisation lets its members see
  first_name text NOT NULL DEFAULT '',
  last_name text NOT NULL DEFAULT '',
  phone text,
  language text NOT NULL,
  keep_me_informed boolean NOT NULL DEFAULT true,
  password_hash text,
  version int NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL,
  changed_at timestamptz NOT NULL,
  CHECK (state <> 'active' OR role IS NOT NULL),
  CHECK (role IS NULL OR state = 'active' OR (state = 'pending' AND role = 'end-customer')),
  CHECK ((organisation_id IS NOT NULL) = (role IS NOT NULL AND role <> 'end-customer'))
);
CREATE UNIQUE INDEX accounts_brand_email ON accounts (brand, lower(email));
CREATE INDEX accounts_unverified ON accounts (created_at) WHERE state = 'unverified';
CREATE INDEX accounts_organisation ON accounts (organisation_id, account_id) WHERE organisation_id IS NOT NULL;

CREATE TABLE sign_ups (  -- a handle for whoever asked; it tells nothing about the account
  sign_up_id uuid PRIMARY KEY,
  account_id uuid NOT NULL REFERENCES accounts,
  asked_at timestamptz NOT NULL
);
CREATE INDEX sign_ups_asked ON sign_ups (asked_at);

CREATE TABLE proofs (  -- the one code and link that count for a purpose; without hashes nothing opens it
  account_id uuid NOT NULL REFERENCES accounts,
  purpose text NOT NULL CHECK (purpose IN ('sign-up', 'password-reset')),
  code_hash text,
  token_hash bytea UNIQUE,
  tries int NOT NULL CHECK (tries >= 0),
  expires_at timestamptz NOT NULL,
  mailed_at timestamptz[] NOT NULL,  -- of the last day, for the limits
  PRIMARY KEY (account_id, purpose)
);

CREATE TABLE sessions (  -- a family of refresh tokens, each the successor of another
  session_id uuid PRIMARY KEY,
  account_id uuid NOT NULL REFERENCES accounts,
  family_hash bytea NOT NULL UNIQUE,  -- of the part that all its tokens share: an old one is known after it is forgotten
  started_at timestamptz NOT NULL,
  ends_at timestamptz NOT NULL,
  revoked_at timestamptz
);
CREATE INDEX sessions_account ON sessions (account_id) WHERE revoked_at IS NULL;
CREATE INDEX sessions_ends ON sessions (ends_at);

CREATE TABLE refresh_tokens (
  token_hash bytea PRIMARY KEY,
  session_id uuid NOT NULL REFERENCES sessions ON DELETE CASCADE,
  used_at timestamptz,
  used_again_at timestamptz
);
CREATE INDEX refresh_tokens_session ON refresh_tokens (session_id);
CREATE INDEX refresh_tokens_used ON refresh_tokens (used_at) WHERE used_at IS NOT NULL;

CREATE TABLE sign_in_failures (  -- by digest of brand and address, whether or not there is such an account
  address_hash bytea PRIMARY KEY,
  failures int NOT NULL,
  locked_until timestamptz,
  failed_at timestamptz NOT NULL
);
