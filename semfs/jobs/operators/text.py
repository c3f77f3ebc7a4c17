"""summarize, answer and translate: text made by the model."""

from __future__ import annotations

from collections.abc import Sequence

from semfs.ask.answer import PASSAGES, REFUSAL, read
from semfs.ask.prompt import Quoted, quote
from semfs.errors import StepFailed
from semfs.jobs import prompts
from semfs.jobs.context import Context, FileText, Inputs, Skip, some
from semfs.jobs.operators import sheets, tongues
from semfs.jobs.operators.forms import as_markdown
from semfs.jobs.reading import Mapping, Reading
from semfs.jobs.values import Files, Rows, Text, Value, estimate_tokens
from semfs.jobs.windows import cut, groups
from semfs.model import FileRow, Sampling, Source, shown
from semfs.plan.lower import Step
from semfs.store.state import SourceRow

NOTE = Sampling(max_tokens=160)
SUMMARY = Sampling(max_tokens=450)
SENTENCES = 4  # of the note on one of several documents
SINGLE_SENTENCES = 10


def summarize(step: Step, inputs: Inputs, context: Context) -> Mapping:
    """Return one summary: a note on each file, then notes on notes until one is left."""
    focus = step.argument("focus")
    value = inputs.one("value") or Text(step.argument("value"))
    if not isinstance(value, Files):
        text, sources = _plain(value)
        parts = cut(text)
        if len(parts) == 1:
            return Text(
                context.ask(prompts.summarize("text", text, focus, sentences=10), SUMMARY).strip(), sources
            )
        notes = [
            context.ask(prompts.summarize("text", part, focus, sentences=SENTENCES), NOTE).strip()
            for part in parts
        ]
        return Text(_reduce(notes, focus, context), sources)
    some(value)
    single = len(value.paths) == 1

    def note(file: FileText) -> str:
        return _note(file, focus, context, single=single)

    found = yield Reading(value, note)
    if not found:
        raise StepFailed("none of the files could be read, so there is nothing to summarize")
    sources = _sources([path for path, _ in found], context)
    if len(found) == 1:
        return Text(found[0][1], sources)
    notes = [f"{shown(path.rsplit('/', 1)[-1])}: {text}" for path, text in found]
    read = f"{len(found)}/{len(value.paths)} files"
    return Text(_reduce(notes, focus, context, read=read), sources)


def _note(file: FileText, focus: str, context: Context, *, single: bool) -> str:
    """Return the summary of one file, all of whose windows are read."""
    long = len(file.windows) > 1
    sentences = SINGLE_SENTENCES if single and not long else SENTENCES
    sampling = SUMMARY if single and not long else NOTE
    notes = [
        context.ask(prompts.summarize(file.name, window.text, focus, sentences=sentences), sampling).strip()
        for window in file.windows
    ]
    return _reduce(notes, focus, context, last=single) if long else notes[0]


def _reduce(notes: Sequence[str], focus: str, context: Context, *, last: bool = True, read: str = "") -> str:
    """Combine notes in groups, then the results, until one is left; `read` says how much was read."""
    while len(notes) > 1:
        parts = groups(notes)
        final = len(parts) == 1 and last
        combined = []
        for part in parts:
            if read:
                context.progress(f"{read}, combining {len(notes)} notes")
            asked = prompts.combine(part, focus, last=final)
            answer = context.ask(asked, SUMMARY if final else NOTE) if len(part) > 1 else part[0]
            combined.append(answer.strip())
        notes = combined
    return notes[0]


def answer(step: Step, inputs: Inputs, context: Context) -> Text:
    """Answer from the best passages of these files; each statement names its passage."""
    question = step.argument("question")
    files = inputs.files("files")
    some(files)
    rows = context.rows_of(files)
    table = sheets.chosen(rows, context.request)
    if table is not None and (told := sheets.look_up(question, table, context)):
        return told
    told = _told(question, question, rows, context)
    if told.text == REFUSAL and (to := tongues.foreign(context.request or question, rows)):
        return _told(question, tongues.translated(question, to, context), rows, context)
    return told


def _told(question: str, sought: str, rows: Sequence[FileRow], context: Context) -> Text:
    """Return what the best passages of the files say, or that they do not say it.

    A translation is only looked for: what is answered is the question as it was asked.
    """
    found = context.searcher.passages(sought, limit=PASSAGES, within=frozenset(row.id for row in rows))
    if not found:
        return Text(REFUSAL)
    quoted = quote(found)
    looked_at = [_source_of(item, "") for item in quoted]
    context.note([SourceRow(source) for source in looked_at])
    statement = read(question, quoted, context.ask)
    if statement is None:
        return Text(REFUSAL, tuple(dict.fromkeys(looked_at)))
    return Text(f"{statement.text} [1]", (_source_of(statement.source, statement.quote),), cited=True)


def _source_of(item: Quoted, quoted: str) -> Source:
    return Source(item.file.path, item.file.hash, item.passage.page, item.passage.line, quoted)


def translate(step: Step, inputs: Inputs, context: Context) -> Mapping:
    """Translate all of it, window by window; several files are put one after the other."""
    to = step.argument("to")
    value = inputs.one("value") or Text(step.argument("value"))
    if not isinstance(value, Files):
        text, sources = _plain(value)
        return Text("\n".join(_translated(part, to, context) for part in cut(text)), sources)
    some(value)

    def whole(file: FileText) -> str:
        return "\n".join(_translated(window.text, to, context) for window in file.windows)

    found = yield Reading(value, whole)
    if not found:
        raise StepFailed("none of the files could be read, so there is nothing to translate")
    sources = _sources([path for path, _ in found], context)
    if len(found) == 1:
        return Text(found[0][1], sources)
    parts = (f"# {shown(path.rsplit('/', 1)[-1])}\n\n{text}" for path, text in found)
    return Text("\n\n".join(parts), sources)


def _translated(text: str, to: str, context: Context) -> str:
    """Translate one window; a translation may have twice the tokens of its text."""
    if not text.strip():
        return text
    room = 2 * estimate_tokens(text) + 60
    asked = prompts.translate(text, to)
    answer = context.ask(asked, prompts.translate_sampling(room)).removeprefix(asked.prefill).strip()
    if not answer:
        raise Skip("the model gave no translation of it")
    return answer


def _plain(value: Value) -> tuple[str, tuple[Source, ...]]:
    """Return a value that is not files as text."""
    match value:
        case Text(text, sources):
            return text, sources
        case Rows():
            return as_markdown(value), ()
    raise StepFailed("there is no text here")


def _sources(paths: Sequence[str], context: Context) -> tuple[Source, ...]:
    return tuple(Source(row.path, row.hash) for row in context.rows_of(Files(tuple(paths))))
