"""Sentences of the Analysis screen in the language of the moment. Knows no widget.

Sentences about surveys as studies, and about two answers to the same photos. Knows no widget.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QObject

from avistar.evaluation.embedding_map import LEAST
from avistar.evaluation.metrics import EvaluationReport
from avistar.evaluation.significance import margins
from avistar_gui.analysis.data.comparison import Comparison
from avistar_gui.analysis.data.study import Exclusions, Mode, Order, Study
from avistar_gui.analysis.photo_locator import LocatedPhotos
from avistar_gui.texts import count, language, locale

translate = QCoreApplication.translate


def share(value: float, digits: int = 1) -> str:
    """A measured share (0 to 1) as '97.9 %'."""
    return f"{locale().toString(100 * value, 'f', digits)}\u00a0%"


def figure(value: float, digits: int = 3) -> str:
    """A plain figure as '0.987'; a dash for one that is not known."""
    return "–" if math.isnan(value) else locale().toString(value, "f", digits)


def signed_points(value: float) -> str:
    """A difference of shares in percentage points: '+1.2', '−0.4', a dash where unknown."""
    if math.isnan(value):
        return "–"
    number = locale().toString(abs(100 * value), "f", 1)
    return number if round(value, 4) == 0 else f"{'+' if value > 0 else '−'}{number}"


def signed_figure(value: float) -> str:
    """A difference of plain figures: '+0.012', '−0.004'."""
    number = figure(abs(value))
    return number if round(value, 3) == 0 else f"{'+' if value > 0 else '−'}{number}"


def names(study: Study) -> list[str]:
    """What the species are called, in the study's order."""
    return [species.name(language()) for species in study.species]


class _Counted(QObject):
    """Numbers with their nouns: Qt's tools find plurals only in a `tr`, and only outside of f-strings."""

    def photos(self, number: int) -> str:
        return self.tr("%n photo(s)", "", number)

    def errors(self, number: int) -> str:
        return self.tr("%n error(s)", "", number)

    def trained(self, number: int) -> str:
        return self.tr("%n of them bear(s) the name of a photo that trained it, which flatters.", "", number)

    def strangers(self, number: int) -> str:
        return self.tr("Not one of the species: %n, of which {unknown} came out unknown", "", number)

    def unanswered(self, number: int) -> str:
        return self.tr("%n without an answer", "", number)

    def by_others(self, number: int) -> str:
        return self.tr("%n answered by another model", "", number)

    def videos(self, number: int) -> str:
        return self.tr("%n video(s), not judged", "", number)


def photos(number: int) -> str:
    """'1 photo', '14 photos'."""
    return _Counted().photos(number)


def errors(number: int) -> str:
    """'1 error', '14 errors'."""
    return _Counted().errors(number)


def cell_sentence(study: Study, true: int, called: int) -> str:
    """What a cell of the matrix says: 'Wolf called German shepherd: 3 photos, 8.3 % of its 36'."""
    counts = study.counts()
    number, total = int(counts[true, called]), int(counts[true].sum())
    known = names(study)
    head = cell_title(known, true, called)
    if not total:
        return f"{head}: {photos(number)}"
    text = translate("Analysis", "{head}: {photos}, {share} of its {total}")
    return text.format(head=head, photos=photos(number), share=share(number / total), total=count(total))


def cell_title(known: list[str], true: int, called: int) -> str:
    """'Wolf called German shepherd', 'Wolf called by its name'."""
    if true == called:
        return translate("Analysis", "{species} called by its name").format(species=known[true])
    return translate("Analysis", "{species} called {answer}").format(species=known[true], answer=known[called])


def row_title(known: list[str], true: int) -> str:
    """What a row is."""
    return translate("Analysis", "All photos of {species}").format(species=known[true])


def column_title(known: list[str], called: int) -> str:
    """What a column is."""
    return translate("Analysis", "Everything called {species}").format(species=known[called])


def photo_caption(study: Study, row: int) -> str:
    """What was said of a photo: 'Wolf' or 'Wolf → German shepherd'."""
    known = names(study)
    true, called = int(study.truth[row]), int(study.answers[row])
    return known[true] if true == called else f"{known[true]} → {known[called]}"


def step(what: str, done: int, total: int) -> str:
    """How far the other process is."""
    at = {"done": count(done), "total": count(total)}
    return {
        "look": translate("Analysis", "Looking at the photos: {done} of {total}"),
        "neighbours": translate("Analysis", "Comparing the photos with each other"),
        "layout": translate("Analysis", "Laying out the map: step {done} of {total}"),
    }.get(what, what).format(**at)


def place_sentence(place: LocatedPhotos | None, tried: LocatedPhotos | None) -> str:
    """Where the photos are not; "" where all of them were found. `tried`: the folder that was just looked into."""
    if place is not None:
        text = translate("AnalysisController", "{found} of {asked} photos were found.")
        at = {"found": count(place.found), "asked": count(place.asked)}
        return "" if place.found == place.asked else text.format(**at)
    if tried is not None:
        return translate("AnalysisController", "None of these photos lies in that folder.")
    return translate("AnalysisController", "The photos are not on this computer; figures and map need none.")


def map_sentence(own: bool, photos_there: int, model: str, library: bool) -> str:
    """Why there is no map, and what to do about it."""
    if not own:
        return translate("Analysis", "These photos have no map.")
    if model:
        text = translate("Analysis", "A map needs the model that answered these photos, {model}, on this computer.")
        return text.format(model=model)
    if not library:
        return translate("Analysis", "A map needs scikit-learn, which is not installed here: {command}").format(
            command="pip install 'avistar[gui]'"
        )
    if photos_there < LEAST:
        return translate("Analysis", "A map needs at least four photos.")
    return translate(
        "Analysis",
        "On the map, photos that look alike to the network lie close together. To make it, the network looks at your "
        "photos once more; that takes minutes, and you can go on meanwhile.",
    )


def stale_map(missing: int) -> str:
    """How much was reviewed since the map was made."""
    return translate("Analysis", "Not on the map yet: {photos}").format(photos=photos(missing))


def part_of_map(placed: int, total: int) -> str:
    """That a map doesn't show everything."""
    text = translate("Analysis", "{placed} of {total} photos are on the map")
    return text.format(placed=count(placed), total=count(total))


def headlines(report: EvaluationReport, second: EvaluationReport | None = None) -> list[tuple[str, str, str]]:
    """The figures of the whole: number, name, and what it means; with the difference that `second` makes."""

    def beside(text: str, first: float, other: float | None, signed: Callable[[float], str] = signed_points) -> str:
        return text if other is None else f"{text}  ({signed(other - first)})"

    interval = translate("Analysis", "With 95 % certainty between {low} and {high}").replace("95 %", "95\u00a0%")
    return [
        (
            beside(share(report.top1), report.top1, second.top1 if second else None),
            _with_interval(translate("Analysis", "Top-1"), report, shown=second is None),
            interval.format(low=share(report.top1_low), high=share(report.top1_high)),
        ),
        (
            beside(share(report.top3), report.top3, second.top3 if second else None),
            translate("Analysis", "Top-3"),
            translate("Analysis", "The species is among the three likeliest"),
        ),
        (
            beside(figure(report.macro_f1), report.macro_f1, second.macro_f1 if second else None, signed_figure),
            translate("Analysis", "Macro-F1"),
            interval.format(low=figure(report.macro_f1_low), high=figure(report.macro_f1_high)),
        ),
        (
            beside(
                figure(report.calibration_error),
                report.calibration_error,
                second.calibration_error if second else None,
                signed_figure,
            ),
            translate("Analysis", "Calibration error"),
            translate("Analysis", "How far confidence and truth lie apart, on average, over {photos}").format(
                photos=photos(report.photos)
            ),
        ),
    ]


def _with_interval(name: str, report: EvaluationReport, *, shown: bool) -> str:
    """'Top-1 (51–100 %)': with few photos the number alone would say too much; where two are compared room is short."""
    low, high = locale().toString(100 * report.top1_low, "f", 1), share(report.top1_high)
    return f"{name} ({low}–{high})" if shown else name


def truly(species: str) -> str:
    """What a photo that was called something else shows."""
    return translate("Analysis", "is: {species}").format(species=species)


def mode_name(mode: Mode) -> str:
    """What the numbers in the matrix are."""
    return {
        "counts": translate("Analysis", "Photos"),
        "recall": translate("Analysis", "Recall"),
        "precision": translate("Analysis", "Precision"),
    }[mode]


def order_name(order: Order) -> str:
    """How the matrix is sorted."""
    return {
        "group": translate("Analysis", "By group"),
        "name": translate("Analysis", "By name"),
        "errors": translate("Analysis", "Most errors first"),
    }[order]


def study_note(study: Study) -> str:
    """What to bear in mind of reviewed photos; "" for a bundle's test photos."""
    if study.survey is None:
        return ""
    apart = study.survey.apart
    judged = translate(
        "Analysis",
        "{model} ({artifact}), judged by your reviews. Only reviewed photos count: accepting answers at a glance makes "
        "it look better than it is, reviewing the least sure first makes it look worse.",
    ).format(model=study.name, artifact=study.artifact)
    return " ".join((judged, _Counted().trained(apart.trained))) if apart.trained else judged


def apart_note(study: Study) -> str:
    """What was reviewed and is in no figure, and the labels that nothing is listed of; "" where that is nothing."""
    said = [] if study.survey is None else _apart(study.survey.apart)
    if study.absent:
        said.append(
            translate("Analysis", "more labels, in no photo and no answer: {number}").format(number=count(study.absent))
        )
    return " · ".join(said)


def _apart(apart: Exclusions) -> list[str]:
    told, said = _Counted(), []
    if apart.strangers:
        said.append(told.strangers(apart.strangers).format(unknown=count(apart.strangers_unknown)))
    for number, say in (
        (apart.unanswered, told.unanswered),
        (apart.by_others, told.by_others),
        (apart.videos, told.videos),
    ):
        if number:
            said.append(say(number))
    return said


def nothing_to_judge(apart: Exclusions) -> str:
    """Why a survey can't be analysed yet."""
    text = translate(
        "Analysis",
        "No photo of this survey was both identified and reviewed as one of the species. "
        "Review some under Identify: press 1 to accept an answer, R to say another species.",
    )
    return "\n\n".join((text, " · ".join(_apart(apart)))).strip()


def no_bundle() -> str:
    """Why there are no test photos."""
    return translate("AnalysisController", "There is no bundle with an analysis here.")


def named_button(number: int) -> str:
    """What lists the photos that were named although they show none of the species."""
    return translate("Analysis", "Show the {number} that were named").format(number=count(number))


def named_heading() -> str:
    """What those photos are."""
    return translate("Analysis", "Named, though none of the species")


def no_survey() -> str:
    """Why there are no photos of the user's own."""
    return translate(
        "Analysis", "No survey is open. Drop a folder under Identify and review it, or choose another survey above."
    )


def source_name(bundle: str) -> str:
    """A bundle's test photos, as they are offered."""
    return translate("Analysis", "{bundle}: test photos").format(bundle=bundle)


def own_name(survey: str) -> str:
    """The user's own photos, as they are offered; `survey` is open, "" for none."""
    own = translate("Analysis", "My reviewed photos")
    return f"{own}: {survey}" if survey else own


def label(one: Study, other: Study) -> str:
    """`one` as it is told apart from `other`: by its bundle, or by its artifact where that is the same."""
    return one.artifact.removeprefix("onnx ") if one.name == other.name else one.name


def differences(study: Study, comparison: Comparison) -> dict[str, str]:
    """The sets in which two answers differ, by name."""
    only = translate("AnalysisController", "Only {bundle} is right: {number}")
    first, second = label(study, comparison.second), label(comparison.second, study)
    return {
        "only_first": only.format(bundle=first, number=count(len(comparison.only_first))),
        "only_second": only.format(bundle=second, number=count(len(comparison.only_second))),
        "neither": translate("AnalysisController", "Both are wrong: {number}").format(
            number=count(len(comparison.neither))
        ),
        "flipped": translate("AnalysisController", "Different answers: {number}").format(
            number=count(len(comparison.flipped))
        ),
    }


def verdict(study: Study, comparison: Comparison) -> str:
    """Whether a difference is more than chance, and on what it rests."""
    said = []
    if comparison.common < max(len(study.files), len(comparison.second.files)):
        text = translate("Analysis", "Compared on the {photos} that both answered.")
        said.append(text.format(photos=photos(comparison.common)))
    if not len(comparison.only_first) and not len(comparison.only_second):
        said.append(translate("Analysis", "Both are right on the same photos."))
    elif comparison.chance < 0.05:
        text = translate("Analysis", "More than chance: equally good ones would differ so much in {share} of cases.")
        said.append(text.format(share=share(comparison.chance)))
    else:
        text = translate("Analysis", "May be chance: equally good ones differ as much in {share} of cases.")
        said.append(text.format(share=share(comparison.chance, 0)))
    return " ".join(said)


def second_answer(study: Study, comparison: Comparison, row: int) -> str:
    """What the second one said of a photo: 'onnx fp16: wolf 53.2 %, ahead by 8.1'; "" where it said nothing."""
    other = int(comparison.others[row])
    if other < 0:
        return ""
    second = comparison.second
    answer = names(second)[int(second.answers[other])]
    ahead = float(margins(second.probabilities[other : other + 1])[0])
    text = translate("Analysis", "{name}: {answer} {share}, ahead by {points} points")
    return text.format(
        name=label(second, study),
        answer=answer,
        share=share(float(second.confidence[other])),
        points=signed_points(ahead).lstrip("+"),
    )


def offer(artifact: str) -> str:
    """That answers have to be worked out first."""
    return translate("Analysis", "{artifact} has not answered all of these photos on this computer yet.").format(
        artifact=artifact
    )


def offer_detail(number: int) -> str:
    """What working them out takes."""
    text = translate("Analysis", "It would look at {photos} in the background; the answers are kept.")
    return text.format(photos=photos(number))


def nothing_in_common() -> str:
    """Why two answers can't be compared."""
    return translate("Analysis", "These two answered no photo in common, so there is nothing to compare.")
