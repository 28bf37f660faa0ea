"""Sentences of the Export screen in the language of the moment. Knows no widget."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QLocale

from avistar.files import printable
from avistar.formats.base import WrittenFiles
from avistar.formats.camtrap_dp import MissingFacts
from avistar.formats.persons import PersonsChoice, blurred_whole
from avistar.sorting import How, SortingPlan, SortingResult, UndoResult
from avistar_gui.export.writer import Form, Sample, Scope
from avistar_gui.texts import count, locale, text_of

translate = QCoreApplication.translate


def form_name(form: Form) -> str:
    """What a form is called."""
    return {
        "csv": translate("Export", "Table (CSV)"),
        "xlsx": translate("Export", "Spreadsheet (Excel)"),
        "jsonl": translate("Export", "JSON lines"),
        "megadetector": translate("Export", "MegaDetector JSON"),
        "timelapse": translate("Export", "Timelapse table"),
        "camtrap-dp": translate("Export", "Camtrap DP"),
        "xmp": translate("Export", "XMP sidecars"),
        "folders": translate("Export", "Species folders"),
    }[form]


def form_sentence(form: Form) -> str:
    """What a form is good for."""
    return {
        "csv": translate("Export", "One line for each photo, for any program."),
        "xlsx": translate("Export", "A workbook with filters, for Excel and LibreOffice."),
        "jsonl": translate("Export", "Everything that is known, for scripts: one JSON object for each photo."),
        "megadetector": translate("Export", "What Timelapse and other programs for camera traps read."),
        "timelapse": translate(
            "Export",
            "A line for each photo as Timelapse's own tables have it, to go on there. What was changed there comes "
            "back with “avistar survey reviews”.",
        ),
        "camtrap-dp": translate(
            "Export",
            "The standard for sharing camera-trap data. Where and when the cameras stood is written down under "
            "Deployments.",
        ),
        "xmp": translate(
            "Export",
            "Keywords beside each photo, for Lightroom, digiKam or darktable. The photos themselves stay as they are.",
        ),
        "folders": translate(
            "Export",
            "Photos in folders named by species, the folders below as they were. What was sorted can be undone.",
        ),
    }[form]


def how_name(how: How) -> str:
    """How files get into folders."""
    return {
        "copy": translate("Export", "copied"),
        "hardlink": translate("Export", "linked (hard links, no space)"),
        "symlink": translate("Export", "linked (shortcuts)"),
        "move": translate("Export", "moved"),
    }[how]


def persons_name(choice: PersonsChoice) -> str:
    """What becomes of photos of persons."""
    return {
        "keep": translate("Export", "as they are"),
        "blur": translate("Export", "persons blurred in the copies"),
        "leave_out": translate("Export", "left out"),
    }[choice]


def survey_sentence(folder: str, photos: int, reviewed: int) -> str:
    """Which survey is exported."""
    if not folder:
        return translate("Export", "Open a survey first: its photos are what is exported.")
    text = translate("Export", "{folder}: {photos} photos, {reviewed} reviewed. Reviews override the model.")
    return text.format(folder=printable(folder), photos=count(photos), reviewed=count(reviewed))


def scope_name(scope: Scope, number: int) -> str:
    """Which photos are exported, and how many these are."""
    text = {
        "all": translate("Export", "All photos ({number})"),
        "reviewed": translate("Export", "Reviewed ones only ({number})"),
        "shown": translate("Export", "As filtered on Identify ({number})"),
    }[scope]
    return text.format(number=count(number))


def sample_sentence(sample: Sample) -> str:
    """What the preview is of."""
    text = translate("Export", "The first lines of {photos} photos; nothing is written yet.")
    return text.format(photos=count(sample.photos))


def file_size(number: int) -> str:
    """Bytes as '24.1 MB' or '83 kB'."""
    digits = 1 if number >= 1e6 else 0
    return locale().formattedDataSize(number, digits, QLocale.DataSizeFormat.DataSizeSIFormat)


def plan_rows(plan: SortingPlan) -> list[tuple[str, str, str]]:
    """Folder, files, size."""
    return [(folder or ".", count(one.files), file_size(one.bytes)) for folder, one in plan.folders.items()]


def plan_sentence(plan: SortingPlan) -> str:
    """What sorting would do."""
    text = translate("Export", "{files} photos, {size}; left out: {left}.")
    left = sum(plan.left_out.values())
    said = text.format(files=count(len(plan.placements)), size=file_size(plan.bytes), left=count(left))
    return f"{said}\n{text_of(blurred_whole(plan.blurred_whole))}" if plan.blurred_whole else said


def written_sentence(written: WrittenFiles) -> str:
    """What an export left."""
    where = ", ".join(printable(str(file)) for file in written.files[:3])
    more = "…" if len(written.files) > 3 else ""
    text = translate("Export", "Done: {photos} photos in {where}{more}")
    return "\n".join([text.format(photos=count(written.media), where=where, more=more), *map(text_of, written.notes)])


def sorted_sentence(done: SortingResult) -> str:
    """What sorting did."""
    text = translate("Export", "Done: {placed} photos placed, failed: {failed}.")
    problems = [f"{printable(file)}: {text_of(reason)}" for file, reason in done.failed[:5]]
    return "\n".join([text.format(placed=count(done.placed), failed=count(len(done.failed))), *problems])


def undone_sentence(undone: UndoResult) -> str:
    """What was taken back."""
    text = translate("Export", "Undone: {removed} removed, {restored} moved back, {kept} kept.")
    kept = [f"{printable(file)}: {text_of(reason)}" for file, reason in undone.kept[:5]]
    numbers = {"removed": count(undone.removed), "restored": count(undone.restored), "kept": count(len(undone.kept))}
    return "\n".join([text.format(**numbers), *kept])


def keywords_out(done: WrittenFiles) -> str:
    """What was taken out of sidecars."""
    text = translate("Export", "Undone: sidecars changed or removed: {files}.")
    return "\n".join([text.format(files=count(done.media)), *map(text_of, done.notes[:5])])


def replacing(file: str) -> tuple[str, str, str]:
    """Question, detail and button before a file is replaced."""
    return (
        translate("Export", "This file already exists. Replace it?"),
        printable(file),
        translate("Export", "Replace"),
    )


def moving(photos: int, folder: str) -> tuple[str, str, str]:
    """Question, detail and button before originals are moved."""
    text = translate("Export", "The original photos will be moved, {photos} of them. Nothing is copied.")
    where = translate("Export", "They go to {folder}. “Undo sorting” brings them back.")
    return (
        text.format(photos=count(photos)),
        where.format(folder=printable(folder)),
        translate("Export", "Move the originals"),
    )


def beside_photos(photos: int, folder: str) -> tuple[str, str, str]:
    """Question, detail and button before files are written beside photos."""
    text = translate("Export", "A small .xmp file will be written beside each of {photos} photos.")
    return text.format(photos=count(photos)), printable(folder), translate("Export", "Write the files")


def facts_sentence(wanted: MissingFacts) -> str:
    """What is to be filled in, and where."""
    text = translate("Export", "Camtrap DP still needs facts that only you know; write them under Deployments: {facts}")
    shown = "; ".join(text_of(one) for one in wanted.problems[:3])
    return text.format(facts=f"{shown} …" if len(wanted.problems) > 3 else shown)
