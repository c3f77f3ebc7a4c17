-- Version 3 of the user's own state: the audit trail becomes a chain of hashes, and scheduled requests.

-- Who asked what, which files were read, which code ran. Only appended to; stays when a job is removed.
ALTER TABLE audit RENAME TO audit_before;
CREATE TABLE audit (
    id   INTEGER PRIMARY KEY,                    -- from 1, without a gap
    job  INTEGER,                                -- NULL if it belongs to none
    line TEXT    NOT NULL,                       -- JSON; its hash covers it and the line before (store/audit.py)
    ends INTEGER NOT NULL                        -- bytes of the trail, as a text, up to the end of this line
) STRICT;
CREATE INDEX audit_by_job ON audit (job, id);
CREATE UNIQUE INDEX audit_by_end ON audit (ends);

-- One row: where the trail ends, so that one that was cut off is seen.
CREATE TABLE audit_head (
    id   INTEGER NOT NULL,
    hash TEXT    NOT NULL,
    ends INTEGER NOT NULL
) STRICT;

INSERT INTO audit
WITH RECURSIVE
    numbered AS (SELECT row_number() OVER (ORDER BY id) AS number, * FROM audit_before),
    chain (id, job, line) AS (
        SELECT 0, NULL, ''
        UNION ALL
        SELECT number, numbered.job,
            audit_line(line, number, at, 'uid ' || who, numbered.job, what, detail)
        FROM chain JOIN numbered ON number = chain.id + 1
    )
SELECT id, job, line, sum(length(CAST(line AS BLOB)) + 1) OVER (ORDER BY id) FROM chain WHERE id > 0;

INSERT INTO audit_head
SELECT coalesce(max(id), 0), coalesce((SELECT line ->> 'hash' FROM audit ORDER BY id DESC LIMIT 1),
    printf('%.64d', 0)), coalesce(max(ends), 0) FROM audit;

DROP TABLE audit_before;

CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit trail is only appended to'); END;
CREATE TRIGGER audit_is_not_removed BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit trail is only appended to'); END;

-- One row a file in `jobs/every/`.
CREATE TABLE schedules (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    name    TEXT NOT NULL UNIQUE,                -- of the file, in NFC
    request TEXT NOT NULL,                       -- as it was written, its directive line with the time included
    changed REAL NOT NULL,                       -- seconds since the epoch
    reached REAL NOT NULL                        -- times up to this one have been dealt with
) STRICT;

-- Which job a schedule made for which time.
CREATE TABLE runs (
    schedule INTEGER NOT NULL REFERENCES schedules (id) ON DELETE CASCADE,
    due      REAL    NOT NULL,                   -- the time that it was meant for, seconds since the epoch
    job      INTEGER NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    PRIMARY KEY (schedule, due)
) STRICT, WITHOUT ROWID;
