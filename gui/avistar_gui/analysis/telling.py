"""Sentences about surveys as studies, and about two answers to the same photos. Knows no widget."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QObject

from avistar_gui.analysis import words
from avistar_gui.analysis.comparison import Comparison, margins
from avistar_gui.analysis.study import Apart, Study
from avistar_gui.wording import count

translate = QCoreApplication.translate


class _Counted(QObject):
    """Numbers with their nouns: Qt's tools find plurals only in a `tr`, and only outside of f-strings."""

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
    """What was reviewed and is in no figure; "" where that is nothing."""
    return "" if study.survey is None else " · ".join(_apart(study.survey.apart))


def _apart(apart: Apart) -> list[str]:
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


def nothing_to_judge(apart: Apart) -> str:
    """Why a survey can't be analysed yet."""
    text = translate(
        "Analysis",
        "No photo of this survey was both identified and reviewed as one of the species. "
        "Review some under Identify: press 1 to accept an answer, R to say another species.",
    )
    return "\n\n".join((text, " · ".join(_apart(apart)))).strip()


def no_bundle() -> str:
    """Why there are no test photos."""
    return translate("AnalysisDesk", "There is no bundle with an analysis here.")


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
    only = translate("AnalysisDesk", "Only {bundle} is right: {number}")
    first, second = label(study, comparison.second), label(comparison.second, study)
    return {
        "only_first": only.format(bundle=first, number=count(len(comparison.only_first))),
        "only_second": only.format(bundle=second, number=count(len(comparison.only_second))),
        "neither": translate("AnalysisDesk", "Both are wrong: {number}").format(number=count(len(comparison.neither))),
        "flipped": translate("AnalysisDesk", "Different answers: {number}").format(
            number=count(len(comparison.flipped))
        ),
    }


def verdict(study: Study, comparison: Comparison) -> str:
    """Whether a difference is more than chance, and on what it rests."""
    said = []
    if comparison.common < max(len(study.files), len(comparison.second.files)):
        text = translate("Analysis", "Compared on the {photos} that both answered.")
        said.append(text.format(photos=words.photos(comparison.common)))
    if not len(comparison.only_first) and not len(comparison.only_second):
        said.append(translate("Analysis", "Both are right on the same photos."))
    elif comparison.chance < 0.05:
        text = translate("Analysis", "More than chance: equally good ones would differ so much in {share} of cases.")
        said.append(text.format(share=words.share(comparison.chance)))
    else:
        text = translate("Analysis", "May be chance: equally good ones differ as much in {share} of cases.")
        said.append(text.format(share=words.share(comparison.chance, 0)))
    return " ".join(said)


def second_answer(study: Study, comparison: Comparison, row: int) -> str:
    """What the second one said of a photo: 'onnx fp16: wolf 53.2 %, ahead by 8.1'; "" where it said nothing."""
    other = int(comparison.others[row])
    if other < 0:
        return ""
    second = comparison.second
    answer = words.names(second)[int(second.answers[other])]
    ahead = float(margins(second.probabilities[other : other + 1])[0])
    text = translate("Analysis", "{name}: {answer} {share}, ahead by {points} points")
    return text.format(
        name=label(second, study),
        answer=answer,
        share=words.share(float(second.confidence[other])),
        points=words.signed_points(ahead).lstrip("+"),
    )


def offer(artifact: str) -> str:
    """That answers have to be worked out first."""
    return translate("Analysis", "{artifact} has not answered all of these photos on this computer yet.").format(
        artifact=artifact
    )


def offer_detail(number: int) -> str:
    """What working them out takes."""
    text = translate("Analysis", "It would look at {photos} in the background; the answers are kept.")
    return text.format(photos=words.photos(number))


def nothing_in_common() -> str:
    """Why two answers can't be compared."""
    return translate("Analysis", "These two answered no photo in common, so there is nothing to compare.")
