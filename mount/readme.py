"""`README` of the mount: how to use it, for somebody who has only `ls` and `cat`."""

import textwrap

from semfs.model import Coverage
from semfs.status import building

WIDTH = 80

README = """\
This folder shows your files by meaning. It runs on this machine alone, and no
file of yours is ever changed through it. Every example can be typed here as it is.
{building}
SEARCH    A directory name is a query. You need not make it first.

    ls "search/travel expenses 2024"
    less "search/travel expenses 2024"/01_*
    ls "search/travel expenses 2024/hotel"          only among those hits
    cat "search/travel expenses 2024/.query/passages.md"

  Hits are links to your own files, best first. Kind, time, size, folder, author,
  recipient and language are understood, and what you do not want: "invoices from
  Anna last March over 1 MB", "mails to Bob", "slides about tax, not PDFs".
  Nothing listed means nothing found; .query/explain.json says why.
  Names that programs look for by themselves (.git, package.json, ...) are
  never queries; put quotes into the name if you mean them: search/'".net"'.

  To narrow what was found, by kind, year, folder or language:

    cat "search/travel expenses 2024/.query/by/counts.tsv"
    ls "search/travel expenses 2024/.query/by/kind/pdf"

  .query/hits/ has a card for each hit: why it was found, its best passage, and
  the same as extended attributes: getfattr -d "search/.../.query/hits/"01_*

SAVED     mkdir keeps a query, rmdir forgets it, mv gives it other words.

    mkdir "saved/letters from the bank"; ls "saved/letters from the bank"
    rm "saved/letters from the bank"/03_*           leave that file out from now on
    ln -s ~/docs/contract.pdf "saved/letters from the bank/"      list it first

  A link to a file that was left out takes it back; rm of a file that is listed
  first only unpins it. The files themselves are never touched.

SIMILAR   The files nearest in meaning to one, by its path below your folder.

    ls similar/reports/2024/budget.xlsx

ASK       A file name is a question. Reading it gives the answer, with sources.

    cat "ask/what deposit did we pay for the flat?"

RUN       Write what is to be done, read back the number of the job.

    echo "total of the 2023 invoices by vendor" > run
    cat jobs/last/wait                               blocks until it has ended
    ls jobs/last/out

    exec 3<>run; echo "summarize the meeting notes" >&3; read -r job <&3
    echo "which of these are paid?" > "search/invoices/.query/run"

  Begin with the line "#!semfs hold" to see the plan before it is carried out:

    printf '#!semfs hold\\nlist the letters about tax\\n' > run
    cat jobs/last/plan                               edit it if you like
    echo go > jobs/last/ctl

JOBS      jobs/N/ holds request, plan, explain, status, progress, log, error,
          usage.json, out/ (the results), sources/ (links to what was read),
          verify (what has changed in these since),
          ctl (write cancel, go, retry, priority high|normal|low) and wait.
          rm -r jobs/N cancels the job and removes it.

EVERY     A request with a time: a file, to be written, edited and removed.

    printf '#!semfs every="daily 8:00"\\nlist new mail\\n' > jobs/every/mail
    cat jobs/every/mail                              tells the next run and the last
    ls jobs/every/mail.runs                          the jobs that it made, by date

SYS       sys/status     how far the index is, and what semfs is doing
          sys/dashboard.html  the same to look at, with a map of the documents
          sys/errors/    files that could not be read, and why
          sys/operators  what a plan can be made of
          sys/audit.log  who asked what, what was read, which code ran
          sys/engine  sys/memory  sys/scheduler  sys/models/  sys/config  sys/log

A name may have 1024 bytes and holds no "/". While the index is being built,
searches and answers cover what has been read so far: see sys/status.
"""


def readme(covered: Coverage) -> str:
    """Return the text; while the index is being built it says how far it is."""
    sentence = building(covered)
    now = textwrap.fill(f"The index is being built: {sentence}.", WIDTH) if sentence else ""
    return README.replace("{building}", f"\n{now}\n" if now else "", 1)
