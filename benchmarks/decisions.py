"""How good the decisions are: thresholds, risk and coverage, unknown animals, held-out species, site lists, bursts.

    python benchmarks/decisions.py --photos PHOTOS --others OTHERS [--bundle models/default] [--cache FOLDER]

PHOTOS is the folder that training read; the bundle's split says what each photo was used for. Thresholds are
chosen on its validation photos and on one half of OTHERS (by species), and judged on its test photos and the
other half. Outputs are kept in the cache, so that a second run takes seconds.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from accuracy import scenes
from avistar.backends import Backend, Outputs
from avistar.backends.factory import open_backend
from avistar.bundle import ModelBundle
from avistar.bursts import together
from avistar.decision import Decision, Policy, softmax
from avistar.evaluation.metrics import accepting, ranking_area, wilson
from avistar.familiarity import energy, familiarity_of, log_sum_exp
from avistar.identification import Identification, Provenance, ranked
from avistar.images.decode import prepare
from avistar.images.geometry import Source
from avistar.manifest import Calibration

BATCH = 8
SPECIES_STEPS = np.round(np.arange(0.4, 0.981, 0.02), 2)
GROUP_STEPS = np.round(np.arange(0.5, 0.981, 0.02), 2)


@dataclass(frozen=True)
class Part:
    """Outputs on some photos, and their true species' indices (-1: none of them)."""

    outputs: Outputs
    truth: np.ndarray

    def __getitem__(self, rows: np.ndarray) -> Part:
        return Part(Outputs(self.outputs.logits[rows], self.outputs.embedding[rows]), self.truth[rows])

    def __len__(self) -> int:
        return len(self.truth)


def outputs_of(name: str, sources: Sequence[Source], *, backend: Backend, bundle: ModelBundle, cache: Path) -> Outputs:
    """The network's outputs, from the cache where they are."""
    file = cache / f"{name}.npz"
    if not file.exists():
        parts = []
        for start in range(0, len(sources), BATCH):
            batch = [prepare(one, bundle.manifest.preprocessing)[0] for one in sources[start : start + BATCH]]
            parts.append(backend.run(np.stack(batch)))
            print(f"\r{name}: {start + len(batch)} of {len(sources)}", end="", file=sys.stderr)
        print(file=sys.stderr)
        logits, embedding = (np.concatenate([getattr(part, k) for part in parts]) for k in ("logits", "embedding"))
        np.savez(file, logits=logits, embedding=embedding)
    with np.load(file) as arrays:
        return Outputs(arrays["logits"], arrays["embedding"])


def read_parts(arguments: argparse.Namespace) -> tuple[dict[str, Part], ModelBundle, Calibration]:
    """Every part's outputs with the artifact of the asked precision."""
    bundle = ModelBundle.open(arguments.bundle)
    choice = open_backend(bundle, "cpu", precision=arguments.precision, threads=None)
    digest = bundle.manifest.files[choice.artifact.file].sha256[:12]
    cache = Path(arguments.cache) / digest
    cache.mkdir(parents=True, exist_ok=True)
    split = json.loads((arguments.bundle / "analysis" / "split.json").read_text("utf-8"))
    index = {species.id: i for i, species in enumerate(bundle.manifest.species)}
    parts = {}
    for name in ("validation", "test", "train"):
        files = [arguments.photos / row["file"] for row in split[name]]
        truth = np.array([index[row["species"]] for row in split[name]])
        parts[name] = Part(outputs_of(name, files, backend=choice.backend, bundle=bundle, cache=cache), truth)
    folders = sorted(folder for folder in arguments.others.iterdir() if folder.is_dir())
    for name, some in (("others: tuning", folders[::2]), ("others: report", folders[1::2])):
        files = [file for folder in some for file in sorted(folder.glob("*.jpg"))]
        found = outputs_of(name.replace(": ", "-"), files, backend=choice.backend, bundle=bundle, cache=cache)
        parts[name] = Part(found, np.full(len(files), -1))
    empty = list(scenes())
    found = outputs_of("scenes", empty, backend=choice.backend, bundle=bundle, cache=cache)
    parts["without animals"] = Part(found, np.full(len(empty), -1))
    return parts, bundle, choice.artifact.calibration


@dataclass(frozen=True)
class Judge:
    """Turns a part into calibrated probabilities, familiarity and decisions."""

    bundle: ModelBundle
    calibration: Calibration

    @property
    def policy(self) -> Policy:
        """The bundle's own thresholds."""
        manifest = self.bundle.manifest
        return Policy(manifest.species, manifest.decision, self.calibration.familiarity_floor)

    def probabilities(self, part: Part) -> np.ndarray:
        """Calibrated, [photos, species]."""
        return softmax(part.outputs.logits, self.calibration.temperature)

    def familiarity(self, part: Part) -> np.ndarray:
        """The score behind *unknown*, [photos]."""
        return familiarity_of(self.bundle)(part.outputs)

    def decisions(self, part: Part, policy: Policy) -> list[Decision]:
        """What `policy` says of each photo."""
        pairs = zip(self.probabilities(part), self.familiarity(part), strict=True)
        return [policy.decide(p, float(f)) for p, f in pairs]


def outcomes(decisions: Sequence[Decision], truth: np.ndarray, policy: Policy) -> dict[str, int]:
    """How many are right, wrong and unknown, of each kind."""
    counts = dict.fromkeys(("species right", "species wrong", "group right", "group wrong", "unknown"), 0)
    for decision, true in zip(decisions, truth, strict=True):
        species = policy.species[true] if true >= 0 else None
        if decision.kind == "unknown":
            counts["unknown"] += 1
        else:
            right = species is not None and decision.id in (species.id, species.group)
            counts[f"{decision.kind} {'right' if right else 'wrong'}"] += 1
    return counts


def worth(counts: dict[str, int]) -> float:
    """What decisions are worth to a person who reviews them: a wrong name costs two looks, a group saves half."""
    right = counts["species right"] + 0.5 * counts["group right"]
    return right - 2 * counts["species wrong"] - counts["group wrong"]


def with_rule(policy: Policy, species: float, group: float) -> Policy:
    """`policy` with other thresholds."""
    rule = replace(policy.rule, species_confidence=float(species), group_confidence=float(group))
    return replace(policy, rule=rule)


def tune(judge: Judge, true: Part, others: Part) -> tuple[Policy, list[tuple[float, float, float]]]:
    """The thresholds that are worth most on validation photos and, with equal weight, on other animals."""
    found = []
    for species in SPECIES_STEPS:
        for group in GROUP_STEPS:
            policy = with_rule(judge.policy, species, group)
            value = worth(outcomes(judge.decisions(true, policy), true.truth, policy)) / len(true)
            value += worth(outcomes(judge.decisions(others, policy), others.truth, policy)) / len(others)
            found.append((value, float(species), float(group)))
    best = max(value for value, _, _ in found)
    # A wrong name more or less among so few photos is chance: of what is as good but for one, the least cautious.
    near = [(species, group) for value, species, group in found if value >= best - 2 / len(true)]
    return with_rule(judge.policy, *min(near)), sorted(found, reverse=True)[:5]


def show(title: str, counts: dict[str, int]) -> None:
    """One line of outcomes."""
    total = sum(counts.values())
    named = counts["species right"] + counts["species wrong"]
    right = f"{counts['species right'] / named:.1%}" if named else "-"
    text = ", ".join(f"{name} {number} ({number / total:.1%})" for name, number in counts.items())
    print(f"    {title} ({total}): {text}; of named species right {right}")


def report_rules(judge: Judge, parts: dict[str, Part], tuned: Policy) -> None:
    """What the bundle's thresholds and the chosen ones do to every kind of picture."""
    print("\nDecisions with the bundle's thresholds, and with those chosen on validation photos")
    for policy in (judge.policy, tuned):
        rule = policy.rule
        print(f"  species from {rule.species_confidence}, group from {rule.group_confidence}")
        for name in ("validation", "test", "others: tuning", "others: report", "without animals"):
            show(name, outcomes(judge.decisions(parts[name], policy), parts[name].truth, policy))


def report_risk(judge: Judge, part: Part) -> None:
    """Accuracy of the surest answers, and the area under the risk-coverage curve (Geifman & El-Yaniv 2017)."""
    probabilities = judge.probabilities(part)
    right = probabilities.argmax(axis=1) == part.truth
    order = np.argsort(-probabilities.max(axis=1), kind="stable")
    risk = 1 - np.cumsum(right[order]) / np.arange(1, len(right) + 1)
    print(f"\nRisk and coverage on {len(part)} test photos: area {risk.mean():.4f}")
    for coverage in (0.7, 0.8, 0.9, 0.95, 1.0):
        kept = round(coverage * len(right))
        wrong = round(risk[kept - 1] * kept)
        low, high = wilson(kept - wrong, kept)
        least = probabilities.max(axis=1)[order[kept - 1]]
        print(f"  {coverage:.0%}: {1 - risk[kept - 1]:.2%} right ({low:.1%}–{high:.1%}), confidence from {least:.3f}")


def report_unknown(judge: Judge, parts: dict[str, Part]) -> None:
    """How well three scores tell true photos from other pictures."""
    print("\nUnknown: area under the ROC curve, and false alarms while 95 % of test photos are accepted")
    scores: dict[str, Callable[[Part], np.ndarray]] = {
        "the bundle's score": judge.familiarity,
        "energy": lambda part: energy(part.outputs),
        "largest probability": lambda part: judge.probabilities(part).max(axis=1),
    }
    both = np.concatenate
    others = Part(
        Outputs(*(both([getattr(parts[f"others: {k}"].outputs, field) for k in ("tuning", "report")])
                  for field in ("logits", "embedding"))), np.full(10**6, -1))  # fmt: skip
    for name, score in scores.items():
        true = score(parts["test"])
        for title, negative in (("other animals", score(others)), ("without animals", score(parts["without animals"]))):
            alarms = int((negative >= accepting(true)).sum())
            low, high = wilson(alarms, len(negative))
            print(f"  {name}, {title} ({len(negative)}): area {ranking_area(true, negative):.3f}, "
                  f"false alarms {alarms / len(negative):.1%} ({low:.1%}–{high:.1%})")  # fmt: skip


def report_held_out(judge: Judge, parts: dict[str, Part], seed: int = 0) -> None:
    """Five species at a time are taken out of the last layer, and their test photos must come out as unknown."""
    from sklearn.linear_model import LogisticRegression

    print("\nSpecies held out of the last layer, five at a time, six times (the rest of the network has seen them)")
    folds = np.array_split(np.random.default_rng(seed).permutation(30), 6)
    background = familiarity_of(judge.bundle)
    results: dict[str, list[tuple[np.ndarray, np.ndarray, np.ndarray]]] = {
        "columns left out": [],
        "layer fitted anew": [],
    }
    for out in folds:
        kept = np.setdiff1d(np.arange(30), out)
        train, validation, test = parts["train"], parts["validation"], parts["test"]
        rows = np.isin(train.truth, kept)
        head = LogisticRegression(C=1.0, max_iter=300).fit(train.outputs.embedding[rows], train.truth[rows])

        def anew(part: Part, head: LogisticRegression = head) -> np.ndarray:
            return head.decision_function(part.outputs.embedding).astype(np.float32)

        def left(part: Part, kept: np.ndarray = kept) -> np.ndarray:
            return part.outputs.logits[:, kept]

        for name, logits in (("columns left out", left), ("layer fitted anew", anew)):
            score = lambda part: log_sum_exp(logits(part)) + background(part.outputs) - energy(part.outputs)  # noqa: B023, E731
            known = np.isin(test.truth, kept)
            floor = accepting(score(validation[np.isin(validation.truth, kept)]))
            results[name].append((score(test[known]) - floor, score(test[~known]) - floor, test.truth[~known]))
    for name, folded in results.items():
        area = np.mean([ranking_area(known, unknown) for known, unknown, _ in folded])
        known, unknown, truth = (np.concatenate(column) for column in zip(*folded, strict=True))
        print(f"  {name}: mean area {area:.3f}; unknown {np.mean(unknown < 0):.1%} of {len(unknown)} photos of held-out"
              f" species, while {np.mean(known >= 0):.1%} of the others pass")  # fmt: skip
        rates = sorted((float(np.mean(unknown[truth == i] < 0)), judge.policy.species[i].id) for i in range(30))
        worst = ", ".join(f"{id} {rate:.0%}" for rate, id in rates[:6])
        print(f"    least often unknown: {worst}")


def report_lists(judge: Judge, part: Part, seed: int = 0) -> None:
    """Random site lists of ten species: how often a picture of a listed and of an unlisted one is named."""
    rng = np.random.default_rng(seed)
    listed, unlisted = [], []
    for _ in range(20):
        chosen = rng.choice(30, 10, replace=False)
        policy = judge.policy.limited(judge.policy.species[i].id for i in chosen)
        inside = np.isin(part.truth, chosen)
        listed.append(outcomes(judge.decisions(part[inside], policy), part.truth[inside], policy))
        unlisted.append(outcomes(judge.decisions(part[~inside], policy), part.truth[~inside], policy))
    print("\nSite lists of ten species, 20 times at random, on test photos")
    for title, several in (("listed species", listed), ("species that are not on the list", unlisted)):
        show(title, {key: sum(one[key] for one in several) for key in several[0]})


def report_bursts(judge: Judge, parts: dict[str, Part], seed: int = 0) -> None:
    """Made-up bursts of test photos: different animals of a species, so errors are less alike than in a true one."""
    rng = np.random.default_rng(seed)
    part, empty = parts["test"], parts["without animals"]
    answers, nothing = (identifications(judge, one) for one in (part, empty))
    made = []
    for true in range(30):
        rows = np.flatnonzero(part.truth == true)
        made += [(true, [answers[i] for i in rng.choice(rows, min(3, len(rows)), replace=False)]) for _ in range(10)]
    print("\nBursts made of test photos (300)")
    for title, gaps in (("three photos of the animal", 0), ("one of the animal, two without", 2)):
        bursts = [(t, photos[: 3 - gaps] + list(rng.choice(nothing, gaps))) for t, photos in made]
        truth = np.array([t for t, _ in bursts])
        single = [photos[0].decision for _, photos in bursts]
        joined = [together(photos, judge.policy) for _, photos in bursts]
        show(f"{title}: the first alone", outcomes([one for one in single if one], truth, judge.policy))
        show(
            f"{title}: together",
            outcomes([one.decision for one in joined if one and one.decision], truth, judge.policy),
        )
        plain = replace(judge.policy, familiarity_floor=-1e30)  # all count, then the floor as usual
        averaged = [judge.policy.decide(one.probabilities, one.familiarity)
                    for _, photos in bursts if (one := together(photos, plain))]  # fmt: skip
        show(f"{title}: together, every picture counting", outcomes(averaged, truth, judge.policy))


def identifications(judge: Judge, part: Part) -> list[Identification]:
    """A part as the runtime answers it."""
    made_by = Provenance(judge.bundle.manifest.name, "", "", "")
    return [
        Identification("", made_by, ranked(judge.policy, p), judge.policy.decide(p, float(f)), p, float(f))
        for p, f in zip(judge.probabilities(part), judge.familiarity(part), strict=True)
    ]


def main() -> None:
    """Print every table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=Path, required=True)
    parser.add_argument("--others", type=Path, required=True)
    parser.add_argument("--bundle", type=Path, default=Path("models/default"))
    parser.add_argument("--precision", default="int8", choices=("fp32", "fp16", "int8"))
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "avistar-decisions")
    arguments = parser.parse_args()
    parts, bundle, calibration = read_parts(arguments)
    judge = Judge(bundle, calibration)
    print(f"{bundle.manifest.name}, {arguments.precision}, temperature {calibration.temperature}")
    tuned, best = tune(judge, parts["validation"], parts["others: tuning"])
    print("worth most (value, species, group):", *(f"({v:.4f}, {s}, {g})" for v, s, g in best))
    report_rules(judge, parts, tuned)
    report_risk(judge, parts["test"])
    report_unknown(judge, parts)
    report_held_out(judge, parts)
    report_lists(judge, parts["test"])
    report_bursts(judge, parts)


if __name__ == "__main__":
    main()
