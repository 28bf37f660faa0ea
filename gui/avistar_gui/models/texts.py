"""Sentences of the Models screen in the language of the moment. Knows no widget."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication

from avistar.evaluation.measured_here import AccuracyHere
from avistar.verification import Check
from avistar_gui.models.bundle_facts import ArtifactFacts, BundleFacts, DeviceFacts, Speed
from avistar_gui.models.measurements import MeasuredBundle
from avistar_gui.texts import count, locale, moment, not_calibrated, text_of

translate = QCoreApplication.translate
_DEVICES = {
    "cpu": "CPU",
    "cuda": "CUDA",
    "tensorrt": "TensorRT",
    "tensorrt-rtx": "TensorRT-RTX",
    "openvino": "OpenVINO",
}
_FORMATS = {
    "onnx": "ONNX",
    "keras": "Keras",
    "tensorrt": "TensorRT",
    "tensorrt-rtx": "TensorRT-RTX",
    "openvino": "OpenVINO",
}


def size(number: int) -> str:
    """Bytes as '24.1 MB'."""
    return f"{locale().toString(number / 1e6, 'f', 1)}\u00a0MB"


def share(value: float | None) -> str:
    """A measured fraction as '97.9 %', a dash where there is none."""
    return "–" if value is None else f"{locale().toString(100 * value, 'f', 1)}\u00a0%"


def milliseconds(value: float) -> str:
    """'12.3 ms'."""
    return f"{locale().toString(value, 'f', 1)}\u00a0ms"


def device_name(name: str) -> str:
    """What a device is called."""
    return _DEVICES.get(name, name)


def artifact_name(artifact: ArtifactFacts) -> str:
    """What an artifact is called."""
    return f"{_FORMATS.get(artifact.format, artifact.format)} {artifact.precision}"


def summary(bundle: BundleFacts) -> str:
    """A bundle in a line: 'resnet50 · 30 species · 224 × 224 px · 82.3 MB'."""
    species = translate("Models", "{number} species").format(number=count(bundle.species))
    parts = [bundle.architecture, species, f"{bundle.width} × {bundle.height} px", size(bundle.bytes)]
    if not bundle.calibrated:
        parts.append(not_calibrated())
    return "  ·  ".join(parts)


def intact(bundle: BundleFacts, problems: Sequence[str] | None) -> str:
    """What the check of the files found; None while it runs."""
    if bundle.problem:
        return text_of(bundle.problem)
    if problems is None:
        return translate("Models", "Checking the files…")
    if problems:
        return "\n".join(map(text_of, problems))
    return translate("Models", "All {number} files are as the manifest lists them (SHA-256).").format(
        number=count(bundle.files)
    )


def runs_here(artifact: ArtifactFacts, devices: Sequence[DeviceFacts] | None) -> str:
    """What an artifact runs on here."""
    if devices is None:
        return trying()
    if artifact.format == "onnx":
        able = [device_name(one.name) for one in devices if one.works and one.name in ("cpu", "cuda", "tensorrt")]
        return ", ".join(able) if able else translate("Models", "nothing on this computer")
    if artifact.format == "keras":
        return translate("Models", "for training and export only")
    there = next((one for one in devices if one.name == artifact.format), None)
    if there is not None and there.works:
        return device_name(there.name)
    return translate("Models", "the computer that built it: {target}").format(target=artifact.built_for or "?")


def figures(bundle: BundleFacts) -> str:
    """Measured accuracy in a line."""
    parts = [
        f"{label} {share(value)}"
        for name, label in (("top1", "Top-1"), ("top3", "Top-3"))
        if (value := bundle.figure(name)) is not None
    ]
    macro, photos = bundle.figure("macro_f1"), bundle.figure("photos")
    if macro is not None:
        parts.append(f"F1 {locale().toString(macro, 'f', 3)}")
    if photos:
        parts.append(translate("Models", "on {number} photos").format(number=count(round(photos))))
    return "   ·   ".join(parts)


def side_by_side(row: MeasuredBundle, *, used: bool) -> tuple[str, ...]:
    """A bundle beside others: name, labels, picture, accuracy on its test photos, speed and accuracy here."""
    facts, test = row.facts, row.facts.figure("photos")
    own = share(facts.figure("top1"))
    if test:
        own = translate("Models", "{share} of {number}").format(share=own, number=count(round(test)))
    return (
        f"{facts.name}  ·  {in_use()}" if used else facts.name,
        count(facts.species),
        f"{facts.width} × {facts.height}",
        own,
        "–" if row.speed is None else _per_second(row.speed.per_second),
        "–" if row.own is None else _with_interval(row.own),
    )


def measured_when(row: MeasuredBundle, column: int) -> str:
    """When and on what the figure of a column was measured; "" for others."""
    if column == 4 and row.speed is not None:
        return f"{row.speed.runs_on}, {moment(row.speed.at.astimezone())}"
    if column == 5 and row.own is not None:
        return f"{row.own.place}, {moment(row.own.at.astimezone())}"
    return ""


def _per_second(number: float) -> str:
    return translate("Models", "{number} a second").format(number=locale().toString(number, "f", 1))


def _with_interval(own: AccuracyHere) -> str:
    low, high = (locale().toString(100 * one, "f", 0) for one in own.interval)
    text = translate("Models", "{share} ({low}–{high}) of {number}")
    return text.format(share=share(own.share), low=low, high=high, number=count(own.photos))


def judges(survey: str, reviewed: int) -> str:
    """Whose photos judge the models that stand side by side."""
    if not survey:
        return translate("Models", "Open a survey that you reviewed: its photos then judge every model.")
    if not reviewed:
        text = translate("Models", "Nothing is reviewed in {survey} yet: what you review there judges every model.")
        return text.format(survey=survey)
    text = translate("Models", "Judged by what you reviewed in {survey}; in brackets the 95 % interval.")
    return text.format(survey=survey).replace(" %", "\u00a0%")


def measuring(name: str, done: int, total: int) -> str:
    """What of a model is being measured."""
    if not total:
        return translate("Models", "{name}: speed").format(name=name)
    return translate("Models", "{name}: your reviewed photos").format(name=name)


def answered_beside(name: str, photos: int, unread: int, differ: int) -> str:
    """How letting a second model answer a survey ended."""
    text = translate("Models", "{name} answered {photos} photos too. Models differ on {differ} photos of this survey.")
    said = text.format(name=name, photos=count(photos), differ=count(differ))
    if unread:
        said += " " + translate("Models", "{number} could not be read.").format(number=count(unread))
    return said


def trying() -> str:
    """While devices are tried."""
    return translate("Models", "Trying…")


def device_row(device: DeviceFacts) -> tuple[str, str, str]:
    """Name, time and state of a device."""
    elapsed = milliseconds(device.elapsed_ms) if device.elapsed_ms is not None else "–"
    mark = {True: "✓", False: "✗", None: "–"}[device.works]
    return f"{mark}  {device_name(device.name)}", elapsed, text_of(device.detail)


def verified(checks: Sequence[Check]) -> str:
    """What `verify` found, a line for each check."""
    lines = []
    for check in checks:
        if check.problem:
            lines.append(f"✗  {text_of(check.artifact)} ({check.runs_on}): {text_of(check.problem)}")
        else:
            text = translate("Models", "✓  {artifact} ({device}): largest change {change}, allowed {allowed}")
            lines.append(
                text.format(
                    artifact=text_of(check.artifact),
                    device=check.runs_on,
                    change=locale().toString(check.change, "g", 2),
                    allowed=locale().toString(check.allowed, "g", 6),
                )
            )
    return "\n".join(lines)


def speeds(found: Sequence[Speed]) -> str:
    """What a benchmark found, a line for each artifact."""
    text = translate("Models", "{artifact} ({device}): {alone} for one picture, {batched} each in a batch")
    return "\n".join(
        f"✗  {one.artifact}: {text_of(one.problem)}"
        if one.problem
        else text.format(
            artifact=one.artifact,
            device=one.runs_on,
            alone=milliseconds(one.alone_ms),
            batched=milliseconds(one.batched_ms),
        )
        for one in found
    )


def build_ended(code: int, cancelled: bool) -> str:
    """How a build ended, by the export program's exit code."""
    if cancelled:
        return translate("Models", "Cancelled. The bundle is as it was.")
    return {
        0: translate("Models", "The engine is built, judged, and part of the bundle."),
        2: translate("Models", "The build could not be started this way; the log says why."),
        3: translate("Models", "Refused: the engine sees otherwise than the model. Nothing was kept."),
        4: translate("Models", "The engine can't be built from this artifact. Nothing was kept."),
        5: translate("Models", "Something that engines need is missing on this computer; the log says what."),
    }.get(code, translate("Models", "The build broke off. The bundle is as it was."))


def in_use() -> str:
    """Said of the bundle that identifies."""
    return translate("Models", "in use")
