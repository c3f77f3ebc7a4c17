-- The catalogue: what is known about the user's files. Derived; may be deleted at any time.
-- One writer (the ingest process); any number of readers (WAL).

-- The folders that files lie in. One without files may stand here; nobody asks for it.
CREATE TABLE folders (
    id     INTEGER PRIMARY KEY,
    path   BLOB    NOT NULL UNIQUE,            -- absolute, the kernel's own bytes
    folded TEXT    NOT NULL                    -- as names are compared (rows.folded), with '/' at its end
) STRICT;

-- One row a regular file below a source folder, whether or not it could be read.
CREATE TABLE files (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,  -- never used again, so that a cached id is never another file
    path     BLOB    NOT NULL UNIQUE,            -- absolute, the kernel's own bytes
    folder   INTEGER NOT NULL REFERENCES folders (id),
    device   INTEGER NOT NULL,                   -- st_dev; with inode the file's identity across a rename
    inode    INTEGER NOT NULL,                   -- st_ino
    size     INTEGER NOT NULL,                   -- bytes
    mtime_ns INTEGER NOT NULL,                   -- st_mtime_ns
    ctime_ns INTEGER NOT NULL,                   -- st_ctime_ns: changes even when mtime was set back; 0: read it again when next seen
    kind     TEXT    NOT NULL,                   -- model.Kind
    suffix   TEXT    NOT NULL,                   -- lower case with its dot, '' if none
    status   TEXT    NOT NULL,                   -- model.FileStatus
    reason   TEXT    NOT NULL DEFAULT '',        -- why it failed or was skipped, '' otherwise
    hash     BLOB    NOT NULL DEFAULT x'',       -- BLAKE2b-128 of the content that was indexed, '' if never read
    title    TEXT    NOT NULL DEFAULT '',
    author   TEXT    NOT NULL DEFAULT '',        -- or sender
    recipients TEXT  NOT NULL DEFAULT '',        -- names and addresses, joined by ', '
    created  REAL,                               -- the document's own date, seconds since the epoch; NULL unknown
    language TEXT    NOT NULL DEFAULT '',        -- ISO 639-1, '' unknown; its words in both full texts are analysed so
    tries    INTEGER NOT NULL DEFAULT 0,         -- readings begun and not ended; a reader's death counts for more
    embedded INTEGER NOT NULL DEFAULT 0,         -- 1 if it is indexed and none of its passages waits for a vector
    scans    TEXT    NOT NULL DEFAULT '[]',      -- JSON array of the pictures that wait for recognition, each a model.Route
    scanned  INTEGER NOT NULL DEFAULT 0,         -- how many of its pictures recognition is done with
    scan_tries INTEGER NOT NULL DEFAULT 0        -- recognitions of the first of `scans` begun and not ended
) STRICT;
CREATE INDEX files_by_identity ON files (device, inode);
CREATE INDEX files_by_status ON files (status, mtime_ns DESC);
CREATE INDEX files_by_language ON files (language);
CREATE INDEX files_by_author ON files (author) WHERE author <> '';
CREATE INDEX files_by_recipients ON files (recipients) WHERE recipients <> '';
CREATE INDEX files_by_scans ON files (scanned, mtime_ns DESC) WHERE scans <> '[]';
CREATE INDEX files_recognised ON files (hash) WHERE scanned > 0;
CREATE INDEX files_partly_read ON files (mtime_ns DESC) WHERE status = 'indexed' AND reason <> '';
-- What filters ask for, so that they need not read the rows.
CREATE INDEX files_by_facts ON files (folder, kind, suffix, mtime_ns, created, size, language);

-- The text of a file, cut up. Joined in order with '\n' the passages are the file's text.
CREATE TABLE passages (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,   -- never used again; also the rowid in passages_fts
    file    INTEGER NOT NULL REFERENCES files (id),
    ordinal INTEGER NOT NULL,                    -- from 0, without gaps
    text    TEXT    NOT NULL,
    heading TEXT    NOT NULL DEFAULT '',         -- path of headings, "A > B"
    page    INTEGER,                             -- page, slide or sheet from 1; NULL where there are none
    line    INTEGER,                             -- first line from 1; NULL where lines mean nothing
    hash    BLOB    NOT NULL,                    -- BLAKE2b-128 of what is embedded: heading and text
    UNIQUE (file, ordinal)
) STRICT;
CREATE INDEX passages_by_hash ON passages (hash, file);  -- from a vector to its files without the passages' pages

-- Passages that are gone, until the words beside the catalogue (store/words.py) know.
CREATE TABLE forgotten (passage INTEGER PRIMARY KEY) STRICT;

-- What was embedded of passages that are gone; others may have the same. `sweep` looks at these alone.
CREATE TABLE dropped (hash BLOB PRIMARY KEY) STRICT, WITHOUT ROWID;

-- Vectors by content: equal passages share one, and a moved or renamed file keeps its own.
CREATE TABLE vectors (
    id    INTEGER PRIMARY KEY AUTOINCREMENT,     -- grows; readers fetch what is newer than what they have
    hash  BLOB NOT NULL UNIQUE,                  -- passages.hash
    value BLOB NOT NULL                          -- little-endian float16, normalised, `dimension` values
) STRICT;
CREATE INDEX vectors_hashes ON vectors (id, hash);  -- from a vector to its hash without the page of its value

-- Vectors that no passage has any more, for when one comes back: files that are moved out of the folder and
-- back, another branch that is checked out, a drive. Nobody searches among them.
CREATE TABLE reserve (
    hash  BLOB PRIMARY KEY,                      -- as in vectors
    value BLOB NOT NULL,                         -- likewise
    since REAL NOT NULL                          -- seconds since the epoch
) STRICT;
CREATE INDEX reserve_by_age ON reserve (since);

-- Passages that wait for a vector, by content. A hash without passages may stand here; `sweep` takes it out.
CREATE TABLE waiting (
    hash     BLOB    PRIMARY KEY,                -- passages.hash
    mtime_ns INTEGER NOT NULL                    -- of the file, as the newest are served first
) STRICT, WITHOUT ROWID;
CREATE INDEX waiting_by_age ON waiting (mtime_ns DESC);

-- Words, analysed by store/analysis.py in the language of the file. Contentless: rows are deleted by giving
-- the old values, so nothing may change files.language, path or title and leave the words as they are.
CREATE VIRTUAL TABLE passages_fts USING fts5 (text, heading, content = '', tokenize = "unicode61 tokenchars '_'");
-- File names, their parts and titles; rowid is files.id.
CREATE VIRTUAL TABLE names_fts USING fts5 (name, title, content = '', tokenize = "unicode61 tokenchars '_'");

-- Facts about the whole: 'analysis' (version of store/analysis.py), 'embedder', 'dimension',
-- 'sources' (JSON array), 'activity', 'current' (what ingest does now), 'heartbeat' (seconds since the epoch),
-- 'generation' (grows with every change of files, passages or vectors), 'notice' (lines that a user should see),
-- 'progress' (JSON object: model.Progress),
-- 'identity' (made up at the first opening; caches of the catalogue name it),
-- 'ocr' ('1' if what waits in files.scans is to be recognised), 'reading' (what decides whether a file can be
-- read: version and limits), 'rebuilt' (what was wrong with the catalogue before this one, '' once all is read).
CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- How many there are, as counting a million rows takes longer than a search: 'passages', 'vectors', 'waiting',
-- of files 'status:x', 'language:x' and 'embedded', of their pictures 'scans' and 'scanned'. Kept by the triggers below, so that no writer can forget it.
CREATE TABLE counts (
    what  TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO counts VALUES ('passages', 0), ('vectors', 0), ('waiting', 0), ('embedded', 0),
    ('scans', 0), ('scanned', 0);

CREATE TRIGGER passage_in AFTER INSERT ON passages BEGIN
    UPDATE counts SET value = value + 1 WHERE what = 'passages';
END;
CREATE TRIGGER passage_out AFTER DELETE ON passages BEGIN
    UPDATE counts SET value = value - 1 WHERE what = 'passages';
    INSERT OR IGNORE INTO forgotten VALUES (old.id);
    INSERT OR IGNORE INTO dropped VALUES (old.hash);
END;
CREATE TRIGGER vector_in AFTER INSERT ON vectors BEGIN
    UPDATE counts SET value = value + 1 WHERE what = 'vectors';
END;
CREATE TRIGGER vector_out AFTER DELETE ON vectors BEGIN
    UPDATE counts SET value = value - 1 WHERE what = 'vectors';
END;
CREATE TRIGGER waiting_in AFTER INSERT ON waiting BEGIN
    UPDATE counts SET value = value + 1 WHERE what = 'waiting';
END;
CREATE TRIGGER waiting_out AFTER DELETE ON waiting BEGIN
    UPDATE counts SET value = value - 1 WHERE what = 'waiting';
END;
CREATE TRIGGER file_in AFTER INSERT ON files BEGIN
    INSERT INTO counts VALUES ('status:' || new.status, 1), ('language:' || new.language, 1)
        ON CONFLICT DO UPDATE SET value = value + 1;
END;
CREATE TRIGGER file_out AFTER DELETE ON files BEGIN
    UPDATE counts SET value = value - 1 WHERE what IN ('status:' || old.status, 'language:' || old.language);
    UPDATE counts SET value = value - old.embedded WHERE what = 'embedded';
    UPDATE counts SET value = value - json_array_length(old.scans) WHERE what = 'scans';
    UPDATE counts SET value = value - old.scanned WHERE what = 'scanned';
END;
CREATE TRIGGER file_scanned AFTER UPDATE OF scans, scanned ON files
WHEN new.scans <> old.scans OR new.scanned <> old.scanned BEGIN
    UPDATE counts SET value = value + json_array_length(new.scans) - json_array_length(old.scans)
        WHERE what = 'scans';
    UPDATE counts SET value = value + new.scanned - old.scanned WHERE what = 'scanned';
END;
CREATE TRIGGER file_embedded AFTER UPDATE OF embedded ON files WHEN new.embedded <> old.embedded BEGIN
    UPDATE counts SET value = value + new.embedded - old.embedded WHERE what = 'embedded';
END;
CREATE TRIGGER file_unread AFTER UPDATE OF status ON files WHEN new.embedded AND new.status <> 'indexed' BEGIN
    UPDATE files SET embedded = 0 WHERE id = new.id;
END;
CREATE TRIGGER file_changed AFTER UPDATE OF status, language ON files BEGIN
    UPDATE counts SET value = value - 1 WHERE what IN ('status:' || old.status, 'language:' || old.language);
    INSERT INTO counts VALUES ('status:' || new.status, 1), ('language:' || new.language, 1)
        ON CONFLICT DO UPDATE SET value = value + 1;
END;
