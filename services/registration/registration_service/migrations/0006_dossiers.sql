-- Bulk files: what came, each row with its outcome, and what a dry run would have used up (REG-19 to REG-22).

CREATE TABLE dossiers (
  dossier_id uuid PRIMARY KEY,
  brand text NOT NULL,
  owner text NOT NULL,
  organisation_id uuid,
  caller json NOT NULL,              -- who sent it, with the rights of that moment; its rows are registered in this name
  correlation_id text NOT NULL,
  submitter_id uuid NOT NULL,
  file_id uuid NOT NULL REFERENCES document,
  file_sha256 bytea NOT NULL,
  registered_as text NOT NULL,
  dry_run boolean NOT NULL,
  state text NOT NULL CHECK (state IN ('received', 'reading', 'running', 'waiting', 'completed', 'refused')),
  received_at timestamptz NOT NULL,
  due_on date NOT NULL,              -- inclusive, where the brand lives
  late boolean NOT NULL DEFAULT false,
  encoding text,                     -- null until the file was looked at
  bom boolean,
  delimiter text,
  headings text[],
  read_bytes bigint NOT NULL DEFAULT 0,  -- the next record to be read starts here
  read_lines int NOT NULL DEFAULT 0,
  rows_total int NOT NULL DEFAULT 0,
  registered int NOT NULL DEFAULT 0,
  already_registered int NOT NULL DEFAULT 0,
  contested int NOT NULL DEFAULT 0,
  parked int NOT NULL DEFAULT 0,
  refused int NOT NULL DEFAULT 0,
  floor int NOT NULL DEFAULT 0,      -- rows up to this position have an outcome
  closing text,                      -- code with which open rows are refused: parked rows, or all of them
  fault json,                        -- why the file as a whole was refused
  started_at timestamptz,
  served_at timestamptz NOT NULL,    -- the one that waited longest is next
  attempts int NOT NULL DEFAULT 0,   -- in a row at which our own code failed
  retry_at timestamptz,              -- set aside until then, so that the others go on
  trouble text,                      -- what failed; nothing of anybody's data
  completed_at timestamptz,
  version int NOT NULL DEFAULT 1
);
CREATE INDEX dossiers_received ON dossiers (received_at, dossier_id);
CREATE INDEX dossiers_open ON dossiers (served_at) WHERE state IN ('received', 'reading', 'running');
CREATE UNIQUE INDEX dossiers_same ON dossiers (brand, owner, file_sha256)
  WHERE NOT dry_run AND state IN ('received', 'reading', 'running', 'waiting');
CREATE INDEX dossiers_late ON dossiers (received_at) WHERE late;

CREATE TABLE dossier_invoices (
  dossier_id uuid NOT NULL REFERENCES dossiers,
  kind text NOT NULL CHECK (kind IN ('purchase', 'service')),
  place int NOT NULL,
  document_id uuid NOT NULL REFERENCES document,
  PRIMARY KEY (dossier_id, kind, place)
);

CREATE TABLE dossier_rows (
  dossier_id uuid NOT NULL REFERENCES dossiers,
  position int NOT NULL,             -- from 1, blank lines not counted
  line int NOT NULL,                 -- in the file, from 1
  cells json,                        -- by column; gone as soon as they are not needed any more
  serial text,                       -- in dry runs only: finds the rows of one product
  outcome text,                      -- null: not tried yet
  code text,
  faults json,                       -- code, column, value, accepted, details of each
  awaited text,                      -- what a parked row waits for: kind, brand and number
  product_id uuid,
  redemption_id uuid,
  contest_id uuid,
  PRIMARY KEY (dossier_id, position)
) WITH (fillfactor = 80);
CREATE INDEX dossier_rows_awaited ON dossier_rows (awaited, dossier_id) WHERE awaited IS NOT NULL;
CREATE INDEX dossier_rows_serial ON dossier_rows (dossier_id, serial) WHERE serial IS NOT NULL;

CREATE TABLE dossier_units (         -- what the rows of a dry run so far would have taken
  dossier_id uuid NOT NULL REFERENCES dossiers,
  certificate text NOT NULL,
  taken int NOT NULL,
  PRIMARY KEY (dossier_id, certificate)
);
