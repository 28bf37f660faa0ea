"""Photos into folders named by species, so that it can be undone, and what people correct there read back.

plan = plan_sorting(records, facts, Path("sorted"), SortingOptions())
done = carry_out(plan, facts)            # after a look at plan.folders and plan.bytes
undo(Path("sorted"))
"""

from avistar.sorting.apply import SortingResult, SortingStopped, carry_out
from avistar.sorting.corrections import Correction, Corrections, find_corrections, note_corrections
from avistar.sorting.plan import Placement, SeveralRule, SortingOptions, SortingPlan, plan_sorting
from avistar.sorting.undo import UndoResult, undo
from avistar.sorting.undo_log import JOURNAL, How

__all__ = [
    "JOURNAL",
    "Correction",
    "Corrections",
    "How",
    "Placement",
    "SeveralRule",
    "SortingOptions",
    "SortingPlan",
    "SortingResult",
    "SortingStopped",
    "UndoResult",
    "carry_out",
    "find_corrections",
    "note_corrections",
    "plan_sorting",
    "undo",
]  # fmt: skip
