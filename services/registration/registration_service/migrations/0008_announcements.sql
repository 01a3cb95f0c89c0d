-- News, dealer cards and planned downtime.

CREATE TABLE announcements (
  announcement_id uuid PRIMARY KEY,
  brand text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('news', 'dealer_card', 'downtime')),
  title jsonb NOT NULL,        -- by language
  body jsonb NOT NULL,
  countries text[] NOT NULL,   -- audience; empty for every country
  roles text[] NOT NULL,       -- audience; empty for every role
  valid_from timestamptz NOT NULL,
  valid_until timestamptz NOT NULL CHECK (valid_until > valid_from),
  starts_at timestamptz,
  ends_at timestamptz CHECK (ends_at > starts_at),
  document_id uuid REFERENCES document,
  published_at timestamptz NOT NULL,
  published_by text NOT NULL,
  withdrawn_at timestamptz,
  CHECK ((starts_at IS NOT NULL AND ends_at IS NOT NULL) = (kind = 'downtime'))
);
CREATE INDEX announcements_shown ON announcements (brand, valid_from DESC, announcement_id DESC) WHERE withdrawn_at IS NULL;
