"""Searching, asking and running over the sample library with the small model, from a shell."""

from __future__ import annotations

import json

from .conftest import Shell


def names(listing: str) -> list[str]:
    """Return the files' own names of a listing of hits."""
    return [line.partition("_")[2] for line in listing.splitlines()]


# -- the index


def test_every_format_of_the_library_is_read(library: Shell) -> None:
    found = json.loads(
        library('ls "$MNT/search/lease" > /dev/null; cat "$MNT/search/lease/.query/explain.json"')
    )["coverage"]
    assert (found["files"], found["failed"], found["pending"]) == (45, 3, 0)
    assert found["embedded"] == found["passages"] > 90


def test_what_could_not_be_read_is_listed_with_its_reason(library: Shell) -> None:
    assert library('ls "$MNT/sys/errors"').split() == [
        "all.tsv",
        "bank-statement-locked.pdf.txt",
        "holiday-pictures.docx.txt",
        "scan-broken-off.pdf.txt",
    ]
    assert "password" in library('cat "$MNT/sys/errors/bank-statement-locked.pdf.txt"')


def test_the_index_follows_the_folder(library: Shell) -> None:
    def listed(words: str, name: str, *, there: bool) -> None:
        library.until(f'ls "$MNT/search/{words}"', lambda text: (name in names(text)) is there)

    library('echo "The zeppelin museum opens at nine." > "$SRC/personal/zeppelin.txt"')
    listed("zeppelin museum", "zeppelin.txt", there=True)
    library('echo "The trampoline is broken." > "$SRC/personal/zeppelin.txt"')
    listed("trampoline", "zeppelin.txt", there=True)
    library('mv "$SRC/personal/zeppelin.txt" "$SRC/personal/airship.txt"')
    listed("trampoline", "airship.txt", there=True)
    listed("trampoline", "zeppelin.txt", there=False)
    library('rm "$SRC/personal/airship.txt"')
    listed("trampoline", "airship.txt", there=False)


def test_what_is_ignored_is_not_indexed(library: Shell) -> None:
    library(
        'mkdir -p "$SRC/kept/.ssh" "$SRC/kept/node_modules"; cd "$SRC/kept";'
        "echo '*.secret' > .semfsignore; echo 'draft.txt' > .gitignore;"
        "for file in a.secret draft.txt .ssh/config node_modules/m.js .env shown.txt; do"
        ' echo "the quokka eats leaves" > "$file"; done'
    )
    library.until('ls "$MNT/search/quokka leaves"', lambda text: "shown.txt" in names(text))
    assert names(library('ls "$MNT/search/quokka"')) == ["shown.txt"]
    library('rm -r "$SRC/kept"')


# -- search


def test_the_best_hit_comes_first_and_leads_to_the_file(library: Shell) -> None:
    hits = library('ls "$MNT/search/quarterly revenue forecasts"').splitlines()
    assert hits[0] == "01_revenue-forecast-2024.xlsx"
    target = library(f'readlink "$MNT/search/quarterly revenue forecasts/{hits[0]}"').strip()
    assert target == str(library.src / "work" / "revenue-forecast-2024.xlsx")
    library(f'cmp "$MNT/search/quarterly revenue forecasts/{hits[0]}" "{target}"')


def test_filters_in_plain_words_are_understood(library: Shell) -> None:
    assert set(names(library('ls "$MNT/search/pdf invoices from 2024"'))) == {
        "invoice-northwind-2024-01.pdf",
        "invoice-northwind-2024-09.pdf",
    }
    explained = json.loads(library('cat "$MNT/search/pdf invoices from 2024/.query/explain.json"'))
    assert explained["queries"][0]["text"] == "invoices"


def test_a_nested_query_searches_among_the_hits(library: Shell) -> None:
    outer = set(names(library('ls "$MNT/search/invoices"')))
    inner = set(names(library('ls "$MNT/search/invoices/northwind"')))
    assert inner
    assert inner < outer


def test_hits_are_described_for_programs_and_for_people(library: Shell) -> None:
    first = json.loads(library('head -1 "$MNT/search/deposit for the flat/.query/hits.jsonl"'))
    assert (first["rank"], first["passage"]["page"]) == (1, 2)
    assert first["path"].endswith("home/lease-kastanienallee.pdf")
    assert "2,400 euros" in library('cat "$MNT/search/deposit for the flat/.query/passages.md"')


def test_nothing_found_is_an_empty_directory(library: Shell) -> None:
    assert library('ls "$MNT/search/zygomorphic xylophone thrombosis"') == ""


def test_looking_around_lists_no_query_and_starts_no_model(library: Shell) -> None:
    assert library('ls -A "$MNT/search" "$MNT/ask"').split() == [
        f"{library.mnt}/ask:",
        f"{library.mnt}/search:",
    ]
    library(
        'find "$MNT" > /dev/null; stat "$MNT/ask/what is this?" "$MNT/search/anything at all" > /dev/null'
    )
    assert library.run('test -e "$MNT/search/.git"').returncode == 1


def test_a_file_cannot_be_removed_through_a_hit(library: Shell) -> None:
    refused = library.run('rm "$MNT/search/quarterly revenue forecasts/"01_*')
    assert "Operation not permitted" in refused.stderr
    library('test -f "$SRC/work/revenue-forecast-2024.xlsx"')


def test_the_command_line_prints_what_the_tree_holds(library: Shell) -> None:
    assert (
        "lease-kastanienallee.pdf  (page 2)" in library("semfs search deposit for the flat").splitlines()[0]
    )
    assert json.loads(library("semfs search --json deposit for the flat").splitlines()[0])["rank"] == 1
    assert library.run("semfs search zygomorphic xylophone thrombosis").returncode == 1


# -- ask


def test_an_answer_cites_its_source_by_page(library: Shell) -> None:
    answer = library('cat "$MNT/ask/what deposit do we pay for the flat?"')
    statement, _, sources = answer.partition("Sources:")
    assert "2,400" in statement
    assert "[1]" in statement
    assert f"[1] {library.src}/home/lease-kastanienallee.pdf, page 2" in sources


def test_an_answer_names_who_decides(library: Shell) -> None:
    answer = library('semfs ask "who decides on a PEP?"')
    assert "Steering Council" in answer
    assert "governance.rst, line" in answer


def test_what_the_files_do_not_say_is_said(library: Shell) -> None:
    assert library('cat "$MNT/ask/what is the melting point of tungsten?"').startswith(
        "The files do not say."
    )


# -- run

MATRICES = (
    "two matrices A=[[1,2],[3,4]] and B=[[5,6],[7,8]]: check that the dimensions match, multiply them, show C"
)
MISMATCH = "two matrices A=[[1,2,3],[4,5,6]] and B=[[5,6],[7,8]]: check that the dimensions match, multiply them, show C"


def request(sh: Shell, text: str, *, timeout: float = 300) -> tuple[str, str]:
    """Write a request, read the number back on the same open file, wait; return number and status."""
    job = sh(f"exec 3<>\"$MNT/run\"; echo '{text}' >&3; read -r job <&3; echo $job").strip()
    return job, sh(f'cat "$MNT/jobs/{job}/wait"', timeout=timeout).strip()


def test_the_matrix_request_is_computed(library: Shell) -> None:
    job, status = request(library, MATRICES)
    assert (status, library(f'cat "$MNT/jobs/{job}/error"')) == ("done", "")
    result = library(f'cat "$MNT/jobs/{job}"/out/*')
    assert [number for number in ("19", "22", "43", "50") if number not in result] == []
    assert "python(" in library(f'cat "$MNT/jobs/{job}/plan"')


def test_matrices_that_do_not_match_end_in_a_clear_error(library: Shell) -> None:
    job, status = request(library, MISMATCH)
    assert status == "failed"
    assert "match" in library(f'cat "$MNT/jobs/{job}/error"').lower()


def test_a_written_plan_makes_a_table_with_its_sources(library: Shell) -> None:
    library(
        "printf '%s\\n' '#!semfs plan' 'staff = find(\"staff\", kind=\"data\")'"
        ' \'people = extract(staff, name="text")\' \'save(people, "people.csv")\' > "$MNT/run"'
    )
    job = library('readlink "$MNT/jobs/last"').strip()
    assert library(f'cat "$MNT/jobs/{job}/wait"', timeout=300) == "done\n"
    assert library(f'head -1 "$MNT/jobs/{job}/out/people.csv"').strip().split(",")[:2] == ["file", "name"]
    assert "staff.csv" in library(f'ls "$MNT/jobs/{job}/sources"')
    assert "1 of 1 files read" in library(f'cat "$MNT/jobs/{job}/log"')


def test_a_request_over_the_hits_of_a_query_reads_only_those(library: Shell) -> None:
    hits = set(names(library('ls "$MNT/search/letter about the heating"')))  # they change as vectors come
    library(
        "printf '%s\\n' '#!semfs plan' 'letters = hits()' 'text = summarize(letters)'"
        ' > "$MNT/search/letter about the heating/.query/run"'
    )
    job = library('readlink "$MNT/jobs/last"').strip()
    assert library(f'cat "$MNT/jobs/{job}/wait"', timeout=300) == "done\n"
    hits |= set(names(library('ls "$MNT/search/letter about the heating"')))
    assert set(names(library(f'ls "$MNT/jobs/{job}/sources"'))) <= hits


def test_a_job_can_be_cancelled_and_removed(library: Shell) -> None:
    library('printf \'#!semfs plan\\nall = find("")\\ntext = summarize(all)\\n\' > "$MNT/run"')
    job = library('readlink "$MNT/jobs/last"').strip()
    library(f'echo cancel > "$MNT/jobs/{job}/ctl"')
    assert library(f'cat "$MNT/jobs/{job}/wait"', timeout=60) == "cancelled\n"
    library(f'rm -r "$MNT/jobs/{job}"')
    assert library.run(f'test -e "$MNT/jobs/{job}"').returncode == 1


def test_the_command_line_runs_a_request_and_prints_its_results(library: Shell) -> None:
    printed = library(
        'printf \'#!semfs plan\\nsave(find("staff", kind="data"), "list.txt")\\n\' | semfs run -'
    )
    assert "staff.csv" in printed


# -- bad input


def test_requests_that_cannot_be_are_refused_at_the_write(library: Shell) -> None:
    before = library('ls "$MNT/jobs"')
    for make, reason in (
        ("head -c 1000000 /dev/zero | tr '\\0' 'a'", "Argument list too long"),
        ("printf '\\377\\376\\000\\001\\n'", "Invalid argument"),
        ("printf '\\n'", "Invalid argument"),
        ("printf '#!semfs hodl\\nlist all\\n'", "Invalid argument"),
    ):
        refused = library.run(f'{make} | dd of="$MNT/run" bs=64k conv=notrunc')
        assert refused.returncode != 0
        assert reason in refused.stderr
    assert library('ls "$MNT/jobs"') == before


def test_a_plan_with_a_mistake_fails_with_its_place(library: Shell) -> None:
    library('printf \'#!semfs plan\\nx = fnid("tax")\\n\' > "$MNT/run"')
    job = library('readlink "$MNT/jobs/last"').strip()
    assert library(f'cat "$MNT/jobs/{job}/wait"') == "failed\n"
    assert "did you mean" in library(f'cat "$MNT/jobs/{job}/error"')


def test_a_document_that_gives_orders_changes_nothing(library: Shell) -> None:
    answer = library('cat "$MNT/ask/what do oak boards cost per cubic metre?"')
    assert "640" in answer
    assert "9,999" not in answer
    library('test -f "$SRC/home/lease-kastanienallee.pdf"')


# -- the processes


def test_the_mount_process_has_neither_torch_nor_llama(library: Shell) -> None:
    library('ls "$MNT/search/heating"; cat "$MNT/ask/what does the code E04 mean?" > /dev/null')
    mapped = library(f"cat /proc/{library.pid()}/maps")
    assert "onnxruntime" in mapped  # it does embed queries
    assert [name for name in ("libtorch", "libllama", "libggml", "duckdb") if name in mapped] == []


def test_killing_the_engine_leaves_the_mount_answering_and_the_answer_complete(library: Shell) -> None:
    whole = library('cat "$MNT/ask/which heating code means low water pressure?"')
    killer = f"sleep 1.5; kill -9 {library.pid('_engine')}"
    again = library(
        f'({killer}) & cat "$MNT/ask/Which heating code means low water pressure?"; wait', timeout=300
    )
    assert "README" in library('ls "$MNT"')
    # Whole, and from the same line; which of two equally good answers is given may differ by a rounding.
    for text in (whole, again):
        answer, _, sources = text.partition(" [1]")
        assert answer, text
        assert answer in "E04: water pressure too low", text
        assert sources.startswith("\n\nSources:\n[1] ")
        assert sources.endswith('"\n')


def test_killing_the_ingest_process_leaves_the_mount_answering_and_indexing_goes_on(library: Shell) -> None:
    library(f"kill -9 {library.pid('_ingest')}")
    assert "01_lease-kastanienallee.pdf" in library('ls "$MNT/search/deposit for the flat"')
    library('echo "The marmot sleeps in the barn." > "$SRC/personal/marmot.txt"')
    library.until('ls "$MNT/search/marmot barn"', lambda text: "marmot.txt" in text)
    library('rm "$SRC/personal/marmot.txt"')


def test_doctor_finds_nothing_wrong(library: Shell) -> None:
    report = library("semfs doctor", timeout=180)
    assert [line for line in report.splitlines() if not line.startswith("ok ")] == []
