-- Version 2 of the user's own state: saved queries, and what was decided about files in them.

-- One row a directory in `saved/`.
CREATE TABLE saved (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    name    TEXT    NOT NULL UNIQUE,             -- of the directory, in NFC; the query is in its words
    created REAL    NOT NULL                     -- seconds since the epoch
) STRICT;

-- Files of a saved query that somebody left out or pinned. A file is known by its path; where
-- nothing is at the path any more, by its content.
CREATE TABLE choices (
    id     INTEGER PRIMARY KEY AUTOINCREMENT,    -- pinned files are shown in this order
    saved  INTEGER NOT NULL REFERENCES saved (id) ON DELETE CASCADE,
    path   BLOB    NOT NULL,                     -- absolute, the kernel's own bytes; follows a renamed file
    hash   BLOB    NOT NULL DEFAULT x'',         -- files.hash of the catalogue when it was last seen there; '' unknown
    pinned INTEGER NOT NULL,                     -- 1 pinned, 0 left out
    name   TEXT    NOT NULL DEFAULT '',          -- the name that the link of a pinned file was given; '' if left out
    UNIQUE (saved, path)
) STRICT;
