-- The user's own state: jobs and the audit trail. Never rebuilt; changed only by migrations, in order.
-- One writer (the mount process); WAL. This file is version 1; later versions are in migrations.py.

-- One row a request that was written into `run`.
CREATE TABLE jobs (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,  -- the number in jobs/N, never used again
    request  TEXT    NOT NULL,                   -- as it was written, its directive line included
    within   TEXT    NOT NULL DEFAULT '[]',      -- JSON array: the query directories it was written in, outermost first
    plan     TEXT    NOT NULL DEFAULT '',        -- canonical program; '' until it is planned
    written  TEXT    NOT NULL DEFAULT '',        -- the plan as the model wrote it, if somebody changed it; '' otherwise
    status   TEXT    NOT NULL,                   -- model.JobStatus
    error    TEXT    NOT NULL DEFAULT '',        -- why it failed, '' otherwise
    priority TEXT    NOT NULL,                   -- model.Priority
    created  REAL    NOT NULL,                   -- seconds since the epoch; also the `now` of its times in words
    started  REAL,                               -- NULL until a thread took it
    ended    REAL,                               -- NULL until it came to an end; NULL again after a retry
    changed  REAL    NOT NULL                    -- when something last happened to it
) STRICT;
CREATE INDEX jobs_by_status ON jobs (status);

-- What happened to a job, in order. Only appended to, removed with its job.
CREATE TABLE events (
    id     INTEGER PRIMARY KEY AUTOINCREMENT,
    job    INTEGER NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    at     REAL    NOT NULL,                     -- seconds since the epoch
    event  TEXT    NOT NULL,                     -- jobs/state.py: Event
    detail TEXT    NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX events_by_job ON events (job, id);

-- Steps that have ended well. A step is known by its fingerprint, so that a changed plan uses what still holds.
CREATE TABLE steps (
    job         INTEGER NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    fingerprint TEXT    NOT NULL,                -- hash of operator, arguments and the fingerprints of its inputs
    step        TEXT    NOT NULL,                -- its id in the plan when it ran
    operator    TEXT    NOT NULL,
    result      TEXT    NOT NULL,                -- file below jobs/N/steps that holds its value
    usage       TEXT    NOT NULL DEFAULT '{}',   -- JSON: seconds, requests, tokens
    ended       REAL    NOT NULL,
    PRIMARY KEY (job, fingerprint)
) STRICT, WITHOUT ROWID;

-- Files that a job dealt with, one row a file.
CREATE TABLE sources (
    job    INTEGER NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    path   BLOB    NOT NULL,                     -- absolute, the kernel's own bytes
    hash   BLOB    NOT NULL DEFAULT x'',         -- what was read: files.hash of the catalogue; '' if it was skipped
    page   INTEGER,                              -- NULL if the whole file was read
    line   INTEGER,
    reason TEXT    NOT NULL DEFAULT '',          -- why it was skipped, '' if it was read
    PRIMARY KEY (job, path)
) STRICT, WITHOUT ROWID;

-- Who asked what, which code ran, which files were read. Only appended to; stays when a job is removed.
CREATE TABLE audit (
    id     INTEGER PRIMARY KEY AUTOINCREMENT,
    at     REAL    NOT NULL,
    who    INTEGER NOT NULL,                     -- user id of the process that wrote
    job    INTEGER,                              -- NULL if it belongs to none
    what   TEXT    NOT NULL,                     -- request, plan, code, read, control, removed
    detail TEXT    NOT NULL
) STRICT;
