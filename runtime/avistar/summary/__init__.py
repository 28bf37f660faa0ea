"""What a survey says: species and events, activity, effort, a map; as figures, as tables and as one page.

    with Catalogue.read("survey.avistar") as catalogue:
        summary = summarised(catalogue, gap=timedelta(minutes=30))
    write_report(summary, Path("report.html"), "en")

Figures are plain values; docs/summary.md says how each is defined.
"""

from avistar.summary.activity import ActivityCurve, activity_curve
from avistar.summary.effort import CameraFigures, Gap
from avistar.summary.events import Events, independent_events
from avistar.summary.figures import GAP, SpeciesFigures, SurveySummary, summarised
from avistar.summary.report import write_report
from avistar.summary.tables import write_tables

__all__ = [
    "GAP",
    "ActivityCurve",
    "CameraFigures",
    "Events",
    "Gap",
    "SpeciesFigures",
    "SurveySummary",
    "activity_curve",
    "independent_events",
    "summarised",
    "write_report",
    "write_tables",
]
