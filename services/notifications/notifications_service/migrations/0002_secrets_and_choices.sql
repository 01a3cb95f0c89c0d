-- Mails with a secret: too late after a while, and kept without the secret once nothing is left to do.

ALTER TABLE contacts ADD COLUMN keep_me_informed boolean;  -- for mails that one may do without; NULL: nothing was said

ALTER TABLE mails ADD COLUMN expires_at timestamptz;  -- not sent any more from then on
CREATE INDEX mails_pressing ON mails (expires_at, id) WHERE expires_at IS NOT NULL AND state IN ('waiting', 'queued');

UPDATE mails SET event = (event::jsonb || '{"certificate_number": "", "registration_url": ""}')::json
WHERE event_type = 'certificate.issued.v1' AND state IN ('sent', 'failed');
