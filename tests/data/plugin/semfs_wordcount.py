"""An operator from outside: count_words(files) gives a row (file, words) for each file.

The declaration is all that semfs reads before a plan calls it: from it come the grammar, the
checks, `sys/operators` and what the model is told.  `count` is loaded when the step runs.
"""

from semfs.jobs.context import Context, FileText, Inputs
from semfs.jobs.reading import Mapping, Reading
from semfs.jobs.values import Column, Rows
from semfs.plan.lower import Step
from semfs.plan.operators import Lane, Operator, Parameter, Type

OPERATOR = Operator(
    name="count_words",
    meaning="a row (file, words) with the number of words of each file",
    parameters=(Parameter("files", "the files to count", accepts=(Type.FILES,)),),
    result=Type.ROWS,
    lane=Lane.CPU,
    example="count_words(letters)",
    maps=True,
    result_columns=("file", "words"),
    output="words",
    implementation="semfs_wordcount:count",
)


def count(step: Step, inputs: Inputs, context: Context) -> Mapping:
    """Count the words of each file that can be read; the others are skipped with their reason."""

    def words(file: FileText) -> int:
        return sum(len(window.text.split()) for window in file.windows)

    found = yield Reading(inputs.files("files"), words)
    return Rows((Column("file"), Column("words", "number")), tuple(found))
