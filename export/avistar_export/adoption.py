"""A bundle made of a network that others trained: declared, proved against the original, calibrated, published."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from avistar.backends import Backend, FunctionBackend, Outputs
from avistar.bundle import ModelBundle, commit, draft
from avistar.decision import softmax
from avistar.errors import UsageError
from avistar.manifest import DecisionRule, Fit, Manifest, Precision, Preprocessing, Resampling
from avistar.progress import StepProgress
from avistar.split import SPLIT_FILE, Split, encode_split
from avistar_export import golden
from avistar_export.adopted_card import adopted_card
from avistar_export.adopted_graph import LEAST_PROBABILITY, adopted_graph, takes_any_batch
from avistar_export.errors import BuildFailed
from avistar_export.foreign_network import ForeignNetwork, read_network, run_plain
from avistar_export.held_out import Gallery
from avistar_export.label_order import LabelOrder
from avistar_export.label_table import LabelTable, label_table, labels_in, read_labels
from avistar_export.labelled_photos import PhotoMaterial, photo_material
from avistar_export.network_anatomy import Anatomy, check_labels, dissect
from avistar_export.onnx_export import Export, ExportPlan, Reference
from avistar_export.parity import HeldOut
from avistar_export.preset import PRESETS, Arithmetic, Preset, distinct, preset_named
from avistar_export.preset_check import PresetCheck

GOLDEN_BASIS = "pictures that come with Avistar; what the original answers counts as true"


@dataclass(frozen=True, slots=True)
class Terms:
    """What the network's authors ask for: kept in the card and the manifest."""

    licence: str
    citation: str = ""


@dataclass(frozen=True, slots=True)
class Declaration:
    """What its user says of the network; None: what the file's own metadata tells, else the preset."""

    preset: str | None = None
    size: tuple[int, int] | None = None
    channels: str | None = None
    scale: float | None = None
    mean: tuple[float, ...] | None = None
    std: tuple[float, ...] | None = None
    fit: Fit | None = None
    resampling: Resampling | None = None
    output: str | None = None
    embedding: str | None = None
    keep_repeated: bool = False
    insist: bool = False


@dataclass(frozen=True, slots=True)
class Adoption:
    """What to adopt: the network's file, its labels (None: the file's own), photos if there are any."""

    network: Path
    labels: Path | None
    out: Path
    terms: Terms
    declaration: Declaration = Declaration()
    photos: Path | None = None
    precisions: tuple[Precision, ...] = ("fp32", "fp16", "int8")
    name: str = ""


@dataclass(frozen=True, slots=True)
class Adopted(Reference):
    """The original file as a reference: under plain ONNX Runtime, with the declared preprocessing."""

    network: ForeignNetwork
    anatomy: Anatomy
    arithmetic: Arithmetic
    table: LabelTable
    size: tuple[int, int]
    name: str = "the original file under ONNX Runtime"

    def backend(self) -> Backend:
        """The untouched file; its answers as logits."""
        return FunctionBackend(self._run, self.name)

    def to_onnx(self) -> Any:
        """The adopted graph: for any batch where the network allows it."""
        if not self.network.single:
            return self._graph(single=False)
        try:
            model = self._graph(single=False)
            width, height = self.size
            if takes_any_batch(model, np.random.default_rng(0).integers(0, 256, (3, height, width, 3), np.uint8)):
                return model
        except BuildFailed:
            pass
        return self._graph(single=True)

    def _graph(self, *, single: bool) -> Any:
        return adopted_graph(
            self.network, self.anatomy, self.arithmetic, size=self.size, outputs=self.table.outputs, single=single
        )

    def _run(self, images: NDArray[np.uint8]) -> Outputs:
        anatomy = self.anatomy
        more = (anatomy.scores, *([anatomy.embedding] if anatomy.embedding else []))
        found = run_plain(self.network, wanted(self.network, self.arithmetic, images), more)
        said, answers = (one.reshape(len(images), -1).astype(np.float64) for one in found[:2])
        if anatomy.head == "logarithm of probabilities":
            answers = np.log(np.maximum(answers, LEAST_PROBABILITY))
        elif anatomy.head == "softmax removed":
            self._compare_with_output(said, answers)
        merged = np.stack([_together(answers[:, list(some)]) for some in self.table.outputs], axis=1)
        features = _features(found[2], anatomy) if anatomy.embedding else np.zeros((len(images), 0), np.float32)
        return Outputs(merged.astype(np.float32), features)

    def _compare_with_output(self, said: NDArray[np.float64], scores: NDArray[np.float64]) -> None:
        """Whether a softmax of what lies before the original's own really is what it answers."""
        change = np.abs(softmax(scores) - (np.exp(said) if said.max() <= 0 else said)).max()
        if change > 1e-3 if self.network.kind == "float16" else change > 1e-5:
            raise BuildFailed(
                "{file} does more than a softmax after '{scores}' (a probability moves by {change:.2g}): "
                "export it without its softmax",
                file=self.network.file,
                scores=self.anatomy.scores,
                change=change,
            )


def _together(columns: NDArray[np.float64]) -> NDArray[np.float64]:
    top = columns.max(axis=1)
    summed: NDArray[np.float64] = np.log(np.exp(columns - top[:, None]).sum(axis=1)) + top
    return columns[:, 0] if columns.shape[1] == 1 else summed


def _features(values: NDArray[Any], anatomy: Anatomy) -> NDArray[np.float32]:
    """Embedding as the adopted graph pools it."""
    if values.ndim > 2:
        axes = (1,) if values.ndim == 3 else (2, 3) if anatomy.convolved else (1, 2)
        values = values.astype(np.float32).mean(axis=axes)
    return values.astype(np.float32)


def wanted(network: ForeignNetwork, arithmetic: Arithmetic, images: NDArray[np.uint8]) -> NDArray[Any]:
    """Pictures uint8 [N, H, W, 3] as the original wants them."""
    if network.kind == "uint8":
        ordered = images[..., ::-1] if arithmetic.channels == "bgr" else images
        return np.ascontiguousarray(ordered.transpose(0, 3, 1, 2) if network.layout == "nchw" else ordered)
    return arithmetic.apply(images, network.layout).astype(np.dtype(network.kind))


@dataclass(slots=True)
class AdoptionRun(Export):
    """The gates of `export onnx`, with the original as the reference; what they refuse is left out and told."""

    adopted: Adopted | None = None
    material: PhotoMaterial | None = None

    def _network(self, bundle: ModelBundle) -> Reference:
        if self.adopted is None:
            raise UsageError("an adoption needs its network")
        return self.adopted

    def _gallery(self, bundle: ModelBundle) -> Gallery:
        if self.material is not None:
            return self.material.gallery(bundle.manifest, self.progress)
        pictures = golden.shipped_pictures()
        names = tuple(species.id for species in bundle.manifest.species)
        judging = np.ones(len(pictures), bool)
        return Gallery(
            golden.fitted(pictures, bundle.manifest.preprocessing),
            HeldOut(
                tuple(sorted(pictures)), np.zeros(len(pictures), np.int64), names, judging, GOLDEN_BASIS, labelled=False
            ),
        )

    def _calibration_pictures(self, bundle: ModelBundle) -> NDArray[np.uint8]:
        if self.material is None:
            raise UsageError("ranges need photos")
        return self.material.range_pictures(bundle.manifest.preprocessing, self.progress)


@dataclass(frozen=True, slots=True)
class Adopter:
    """Makes the bundle that `wish` asks for; `progress` hears of long steps, `say` of findings, a line each."""

    wish: Adoption
    progress: StepProgress
    say: Callable[[str], None]

    def run(self) -> ModelBundle:
        """Make it. Raises `UsageError` for what can't be adopted, `BuildFailed`, `ParityRefused`."""
        wish, declared = self.wish, self.wish.declaration
        if wish.out.exists() and any(wish.out.iterdir() if wish.out.is_dir() else [wish.out]):
            raise UsageError("{out} exists already: name another folder with --out, or remove it", out=wish.out)
        network = read_network(wish.network, declared.output)
        table = _labels(wish, network, self.say)
        material = photo_material(wish.photos, table.species, self.say) if wish.photos is not None else None
        preset = _preset(declared, network, guessable=material is not None and material.labelled)
        size = _size(declared, network, preset)
        preprocessing = Preprocessing(*size, preset.fit, preset.resampling)
        probes = golden.fitted(golden.shipped_pictures(), preprocessing)
        anatomy = dissect(network, wanted(network, preset.arithmetic, probes), declared.embedding)
        check_labels(network, anatomy, table.labels, str(wish.labels or f"the metadata of {wish.network}"))
        adopted = Adopted(network, anatomy, preset.arithmetic, table, size)
        if material is not None and material.labelled and network.kind != "uint8":
            adopted = self._checked(adopted, material, preprocessing)
        self.say(f"{adopted.arithmetic.told()}, {size[0]}×{size[1]} px; {anatomy.told()}")
        if anatomy.embedding is None:
            self.say("without an embedding the bundle works, but can't be taught")
        return self._published(adopted, material, preprocessing)

    def _checked(self, adopted: Adopted, material: PhotoMaterial, preprocessing: Preprocessing) -> Adopted:
        """The same network with the preset that the photos speak for, where none was declared."""
        images, truth = material.sample(preprocessing)

        def called(arithmetic: Arithmetic) -> NDArray[np.int64]:
            outputs = replace(adopted, arithmetic=arithmetic).backend().run(images)
            found: NDArray[np.int64] = outputs.logits.argmax(axis=1)
            return found

        own = adopted.arithmetic
        answers = called(own)

        def right(arithmetic: Arithmetic) -> NDArray[np.bool_]:
            found: NDArray[np.bool_] = (answers if arithmetic is own else called(arithmetic)) == truth
            return found

        declared = self.wish.declaration
        names = tuple(species.english for species in adopted.table.species)
        LabelOrder(answers, truth, names).check(insist=declared.insist, say=self.say)
        told = bool(declared.preset or adopted.network.preset or declared.scale or declared.mean or declared.std)
        others = distinct(preprocessing.fit, preprocessing.resampling)
        check = PresetCheck(others, right, self.say)
        best = check.declared(own, insist=declared.insist) if told else check.best(own)
        return replace(adopted, arithmetic=best)

    def _published(self, adopted: Adopted, material: PhotoMaterial | None, preprocessing: Preprocessing) -> ModelBundle:
        wish = self.wish
        precisions: tuple[Precision, ...] = wish.precisions
        if material is None:
            self.say("without --photos: not calibrated, nothing is unknown for its looks, and there is no fp16 or int8")
            precisions = ("fp32",)
        wish.out.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{wish.out.name}-", dir=wish.out.parent) as folder:
            start = Path(folder) / "declared"
            _declared(wish, adopted, preprocessing, material.split if material else None).write(start)
            plan = ExportPlan(start, wish.photos or Path(), precisions, out=wish.out)
            run = AdoptionRun(plan, self.progress, self.say, adopted=adopted, material=material)
            return run.run()


@dataclass(frozen=True, slots=True)
class Draft:
    """A bundle without any artifact yet: what the gates start from."""

    manifest: Manifest
    split: Split | None

    def write(self, target: Path) -> ModelBundle:
        """Write manifest, card, and which photos calibrate."""
        with draft(target) as folder:
            if self.split is not None:
                path = folder / SPLIT_FILE
                path.parent.mkdir(parents=True)
                path.write_bytes(encode_split(self.split))
            card = adopted_card(self.manifest, calibrated=self.split is not None)
            (folder / "README.md").write_text(card, "utf-8")
            return commit(folder, self.manifest, target)


def _declared(wish: Adoption, adopted: Adopted, preprocessing: Preprocessing, split: Split | None) -> Draft:
    name = wish.name or wish.out.name
    facts = {
        "file": adopted.network.file.name,
        "sha256": adopted.network.sha256,
        "arithmetic": asdict(adopted.arithmetic),
        "layout": adopted.network.layout,
        "output": adopted.network.output,
        "head": adopted.anatomy.head,
        "embedding": adopted.anatomy.embedding or "",
        "licence": wish.terms.licence,
        "citation": wish.terms.citation,
    }
    manifest = Manifest(
        name=name,
        architecture=adopted.network.metadata.get("description") or adopted.network.file.stem,
        species=adopted.table.species,
        groups=adopted.table.groups,
        preprocessing=preprocessing,
        artifacts=(),
        # Probabilities have no energy: their logarithms' log-sum-exp is 0 for every picture.
        decision=DecisionRule(familiarity="confidence" if adopted.anatomy.head.startswith("logarithm") else "energy"),
        provenance={"adopted": facts},
    )
    return Draft(manifest, split)


def _labels(wish: Adoption, network: ForeignNetwork, say: Callable[[str], None]) -> LabelTable:
    if wish.labels is None and not network.names:
        raise UsageError("{file} doesn't tell its labels: name a file of them with --labels", file=network.file)
    where = str(wish.labels or f"the metadata of {network.file}")
    labels = read_labels(wish.labels) if wish.labels is not None else labels_in(network.names, ".json", where)
    table = label_table(labels, keep_repeated=wish.declaration.keep_repeated)
    if table.repeated:
        say(
            f"{len(table.repeated)} labels come more than once and count as one each "
            f"({', '.join(table.repeated[:5])}): "
            "--keep-repeated keeps them apart"
        )
    return table


def _preset(declared: Declaration, network: ForeignNetwork, *, guessable: bool) -> Preset:
    options = (declared.scale, declared.mean, declared.std, declared.channels)
    name = declared.preset or network.preset
    if not name and not any(one is not None for one in options):
        if not guessable:
            raise UsageError(
                "{file} doesn't tell what pixels it wants: name a preset (--preset {presets}) or "
                "--scale, --mean, --std and --channels; with --photos in folders named by species, "
                "Avistar finds it",
                file=network.file,
                presets="|".join(PRESETS),
            )
        name = "torchvision" if network.layout == "nchw" else "keras"
    base = preset_named(name) if name else Preset("declared", Arithmetic())
    if declared.channels not in (None, "rgb", "bgr"):
        raise UsageError("--channels is rgb or bgr, not '{channels}'", channels=declared.channels)
    changes: dict[str, Any] = {
        key: value for key in ("channels", "scale", "mean", "std") if (value := getattr(declared, key)) is not None
    }
    return replace(
        base,
        arithmetic=replace(base.arithmetic, **changes),
        fit=declared.fit or base.fit,
        resampling=declared.resampling or base.resampling,
    )


def _size(declared: Declaration, network: ForeignNetwork, preset: Preset) -> tuple[int, int]:
    fixed = network.size if all(network.size) else None
    if declared.size is not None and fixed is not None and declared.size != fixed:
        raise UsageError(
            "{file} takes {fixed}×{fixed2} px, not {size}×{size2}: leave --size out",
            file=network.file,
            fixed=fixed[0],
            fixed2=fixed[1],
            size=declared.size[0],
            size2=declared.size[1],
        )
    side = (preset.side, preset.side) if preset.side else None
    size = declared.size or fixed or network.told_size or side
    if size is None:
        raise UsageError(
            "{file} takes pictures of any size: name the one of its training, --size WIDTHxHEIGHT", file=network.file
        )
    return size
