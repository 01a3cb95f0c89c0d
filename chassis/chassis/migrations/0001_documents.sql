-- Uploaded files, in the service's own database: one transaction with the command, one backup, no shared volume.

CREATE TABLE document (
  document_id uuid PRIMARY KEY,
  owner text NOT NULL,  -- subject of the token that brought it
  organisation_id uuid,
  brand text,  -- for which the token was good; without one, it is every brand's
  name text NOT NULL,
  media_type text NOT NULL,
  size_bytes bigint NOT NULL,
  sha256 bytea NOT NULL,
  kept_at timestamptz NOT NULL
);
CREATE INDEX document_owner ON document (owner, kept_at);

CREATE TABLE document_part (
  document_id uuid NOT NULL REFERENCES document ON DELETE CASCADE,
  part int NOT NULL,  -- from 0; each has 256 KiB but the last
  content bytea NOT NULL,
  PRIMARY KEY (document_id, part)
);
ALTER TABLE document_part ALTER COLUMN content SET STORAGE EXTERNAL;  -- photos and PDFs are compressed already
