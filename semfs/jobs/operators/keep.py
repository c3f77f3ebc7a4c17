"""keep: only the files for which a condition holds; every window is read until one says yes."""

from __future__ import annotations

from semfs.jobs import prompts
from semfs.jobs.context import Context, FileText, Inputs
from semfs.jobs.reading import Mapping, Reading
from semfs.jobs.values import Files
from semfs.plan.lower import Step

YES_OR_NO = prompts.one_of(("yes", "no"))


def keep(step: Step, inputs: Inputs, context: Context) -> Mapping:
    condition = step.argument("condition")

    def holds(file: FileText) -> bool:
        return any(
            context.ask(prompts.keep(file.name, window.text, condition), YES_OR_NO).strip() == "yes"
            for window in file.windows
        )

    found = yield Reading(inputs.some_files("files"), holds)
    kept = tuple(path for path, yes in found if yes)
    context.log(f"{len(kept)} files kept: {condition}")
    return Files(kept)
