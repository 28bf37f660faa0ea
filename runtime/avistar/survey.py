"""A run over a folder into its catalogue: what is new is identified, what is stored stays.

    with open_survey("survey.avistar", ["CARD"], classifier) as catalogue:
        take_in(catalogue, Scan(["CARD"]))
        begin_run(catalogue, classifier)
        for records in identify_pending(catalogue, classifier):
            ...                                     # each batch is stored when it arrives here

The same lines again go on where an interrupted run stopped, and take in what changed in the folder.
"""

from __future__ import annotations

import glob
import os
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

from avistar import __version__
from avistar.bursts import bursts, together
from avistar.catalogue import Catalogue, Changes, FoundFile, Model, Query
from avistar.catalogue.backup import backup_due, daily_backup
from avistar.classifier import Classifier
from avistar.decision import Policy
from avistar.errors import CatalogueError, UsageError
from avistar.files import content_key, printable
from avistar.identification import Identification
from avistar.media.reader import MediumReader, kind_of
from avistar.pipeline import Job, Keeper, Pace, identify_media
from avistar.records import Medium, Record, SurveyFacts
from avistar.scan import Scan
from avistar.standing import SURE

_PAGE = 500
"""Media that are held at once."""

_LOOKED_AT, _GIVEN_UP, _READ = 48, 8, 12
"""Of a survey's photos that are looked for in another folder: all, those after which it is given up, those read."""

Opener = Callable[[Medium, Path], Job]
"""How a pending medium of the survey in a folder is opened."""


def open_survey(
    path: str | os.PathLike[str],
    paths: Sequence[str],
    classifier: Classifier,
    *,
    moved: bool = False,
    check: Callable[[Catalogue | None, str], object] = lambda catalogue, folder: None,
) -> Catalogue:
    """Open the catalogue at `path` to take in `paths` (files, folders, patterns), or make it.

    A survey's folder is the one that is named first, or what several have in common; later runs may name
    any part of it. `moved`: the folder lies elsewhere by now, at the only one in `paths`. `check` gets the
    catalogue, None where there is none yet, and the survey's folder: where it raises, nothing was made or
    changed. Raises `UsageError` for paths that don't exist or belong to another survey, and what
    `Catalogue.open` raises. What a survey says of its runs changes with `begin_run`.
    """
    folder = common_folder(paths)
    new = not os.path.lexists(path)
    if new:
        check(None, folder)
    facts = _of_run(SurveyFacts(folder, datetime.now(UTC), "", ()), classifier)
    catalogue = Catalogue.open(path, new=facts)
    back_up(catalogue)
    known = catalogue.facts.folder
    try:
        if not moved and not Path(folder).is_relative_to(known):
            raise UsageError(
                "{path} is the catalogue of {root}, and {folder} lies elsewhere: name another catalogue, or "
                "say --moved if it is the same folder in another place",
                path=printable(path),
                root=printable(known),
                folder=printable(folder),
            )
        if not new:
            check(catalogue, folder if moved else known)
        if moved and folder != known:
            catalogue.change_facts(replace(catalogue.facts, folder=folder))
    except BaseException:
        catalogue.close()
        raise
    return catalogue


def begin_run(catalogue: Catalogue, classifier: Classifier, settings: Mapping[str, str] | None = None) -> int:
    """Let `classifier`'s thresholds and site list decide from now on, and have the survey say so.

    `settings`: what else the run needs to be repeated, as text; None leaves what is there. Call it once nothing
    can be refused any more. How many stored answers were decided again.
    """
    decided = decide_again(catalogue, classifier)
    facts = _of_run(catalogue.facts, classifier)
    facts = facts if settings is None else replace(facts, settings=dict(settings))
    if facts != catalogue.facts:
        catalogue.change_facts(facts)
    return decided


def _of_run(facts: SurveyFacts, classifier: Classifier) -> SurveyFacts:
    species = tuple(one.id for one in classifier.species)
    only = tuple(sorted(classifier.policy.only))
    return replace(facts, software=f"avistar {__version__}", species=species, only=only)


def back_up(catalogue: Catalogue) -> None:
    """Copy a catalogue with photos in it, at most once a day; one that can't be copied now is used all the same."""
    if backup_due(catalogue.path) and catalogue.counts().total:
        with suppress(CatalogueError):
            daily_backup(catalogue.path)


def lies_in(catalogue: Catalogue, folder: str | os.PathLike[str]) -> bool:
    """Whether the survey's photos are found in `folder` by now, below it as they were below its own.

    Judged by some of them, spread over the survey: half must be there with their size, and those that were read
    once must hold the same.
    """
    ids = catalogue.ids(Query(present=None))
    few = ids[:: max(1, len(ids) // _LOOKED_AT)][:_LOOKED_AT]
    found = same = 0
    for number, record in enumerate(catalogue.records_of(few)):
        if number == _GIVEN_UP and not found:
            return False
        alike = _is_there(record.medium, Path(folder), read=same < _READ)
        found += alike is not None
        same += alike or 0
    return same > 0 and 2 * found >= len(few)


def _is_there(medium: Medium, folder: Path, *, read: bool) -> bool | None:
    """Whether the file is in `folder` and surely the same; None where it is not, or holds something else."""
    path = folder.joinpath(*medium.relative.split("/"))
    try:
        facts = path.stat()
        if facts.st_size != medium.bytes:
            return None
        if not medium.content:  # never read: a copy keeps the time
            return facts.st_mtime_ns == medium.modified_ns or None
        return not read or content_key(path, medium.bytes) == medium.content or None
    except OSError:
        return None


def common_folder(paths: Sequence[str]) -> str:
    """The folder that holds all of `paths`, absolute; links are kept as the user named them."""
    folders = []
    for path in paths:
        if glob.has_magic(path) and not os.path.lexists(path):
            folders.append(os.path.abspath(_before_pattern(path)))  # noqa: PTH100
        elif not Path(path).exists():
            raise UsageError("{path}: there is no such file or folder", path=printable(path))
        else:
            folders.append(os.path.abspath(path if Path(path).is_dir() else Path(path).parent))  # noqa: PTH100
    try:
        return os.path.commonpath(folders)
    except ValueError as error:
        raise UsageError("one catalogue can't hold folders of several drives: make one for each") from error


def _before_pattern(pattern: str) -> str:
    plain = []
    for part in Path(pattern).expanduser().parts:
        if glob.has_magic(part):
            break
        plain.append(part)
    return str(Path(*plain))


def take_in(catalogue: Catalogue, scan: Scan) -> Changes:
    """Bring the catalogue in line with what `scan` finds; nothing is changed where the scan is cancelled."""
    folder = catalogue.facts.folder
    found = list(_found(folder, scan))
    if scan.cancelled():
        return Changes()
    whole = [path for path in scan.paths if os.path.lexists(path)]  # a pattern never sees all of a folder
    below = [_relative(folder, path) for path in whole]
    unread = [_relative(folder, path) for path in scan.unread]
    return catalogue.reconcile(found, below=below, unread=unread)


def _found(folder: str, paths: Iterable[str]) -> Iterator[FoundFile]:
    for path in paths:
        try:
            facts = os.stat(path)  # noqa: PTH116 a hundred thousand Paths take a second
            size, modified_ns, seen = facts.st_size, facts.st_mtime_ns, True
        except OSError:
            size, modified_ns, seen = 0, 0, False
        yield FoundFile(_relative(folder, path), kind_of(path), size, modified_ns, seen)


def _relative(folder: str, path: str) -> str:
    """`path` below `folder`, "/" between its parts, "" for the folder itself."""
    absolute = os.path.abspath(path)  # noqa: PTH100 resolving links would rename what the user pointed at
    return absolute.removeprefix(folder).strip(os.sep).replace(os.sep, "/")


def retry_failures(catalogue: Catalogue) -> int:
    """Let the next run identify again what failed before; how many media that are."""
    failed = catalogue.ids(Query(state=("failed",)))
    catalogue.forget_answers(failed)
    return len(failed)


def decide_again(catalogue: Catalogue, classifier: Classifier) -> int:
    """Let the classifier's thresholds and site list decide what the same network answered under others.

    Nothing is identified again: the catalogue holds every probability. How many media that were.
    """
    model = Model.of(classifier)
    ids = catalogue.ids_answered_by(lambda one: one.sees_like(model) and not one.answers_like(model))
    for start in range(0, len(ids), _PAGE):
        some = catalogue.records_of(ids[start : start + _PAGE])
        catalogue.write([_under(record, model.policy) for record in some], model)
    return len(ids)


def _under(record: Record, policy: Policy) -> Record:
    observations = tuple(replace(one, identification=one.identification.under(policy)) for one in record.observations)
    together = record.together.under(policy) if record.together else None
    return replace(record, observations=observations, together=together)


def identify_pending(
    catalogue: Catalogue,
    classifier: Classifier,
    pace: Pace | None = None,
    *,
    opener: Opener | None = None,
    sample: int | None = None,
    keep: Keeper | None = None,
) -> Generator[list[Record], None, None]:
    """Identify what is pending, in the order of the listing; each batch is stored before it is given out.

    `opener`: as a rule an `MediumReader`; by default, everything is identified as a whole. `sample`: no more photos
    than that, and no videos; by default, everything. `keep` gets what the network saw of each. Close the generator
    to stop. Raises what the backend and the catalogue raise; what is not stored is pending still.
    """
    model, folder = Model.of(classifier), Path(catalogue.facts.folder)
    opener = opener or MediumReader()
    jobs = (
        opener(medium, folder) for medium in islice(catalogue.pending(() if sample is None else ("photo",)), sample)
    )
    with closing(identify_media(classifier, jobs, pace, keep=keep)) as batches:
        for records in batches:
            catalogue.write(records, model)
            yield records


def join_bursts(
    catalogue: Catalogue,
    classifier: Classifier,
    gap: timedelta | None,
    *,
    cancelled: Callable[[], bool] = lambda: False,
) -> int:
    """Give photos of one camera within `gap` of each other one answer together; how many bursts there are.

    Every photo keeps its own answers. Only answers of this classifier's model are joined, and bursts of an
    earlier run that are none any more are undone; `gap` None undoes all. `cancelled` is asked often; once it
    says yes, the rest stays as it is.
    """
    model = Model.of(classifier)
    ids: list[int] = []
    media: list[Medium] = []
    joined_before: dict[int, str] = {}
    for id, record in _answered_photos(catalogue, classifier):
        ids.append(id)
        media.append(record.medium)
        if record.sequence:
            joined_before[id] = record.sequence
        if cancelled():
            return 0
    found = bursts(media, gap) if gap is not None else []
    stale, sizes = set(joined_before), Counter(joined_before.values())
    for burst in found:
        if cancelled():
            return 0
        members = [ids[i] for i in burst.indices]
        if sizes[burst.name] == len(members) and all(joined_before.get(id) == burst.name for id in members):
            stale.difference_update(members)
            continue
        answers = [_surest(record) for record in catalogue.records_of(members)]
        for some in _alike(answers):
            joined = together((answers[i] for i in some), classifier.policy)
            if joined is not None:
                catalogue.write_sequence(burst.name, [members[i] for i in some], joined, model)
                stale.difference_update(members[i] for i in some)
    _part(catalogue, sorted(stale), model)
    return len(found)


def _alike(answers: Sequence[Identification]) -> list[list[int]]:
    """Which answers are averaged: all, unless some surely name different species; then those of each, and the rest."""
    groups: dict[str, list[int]] = {}
    for i, one in enumerate(answers):
        decision = one.decision
        sure = decision is not None and decision.kind == "species" and decision.confidence >= SURE
        groups.setdefault(decision.id if decision and sure else "", []).append(i)
    return list(groups.values()) if len(groups.keys() - {""}) > 1 else [list(range(len(answers)))]


def _part(catalogue: Catalogue, ids: Sequence[int], model: Model) -> None:
    """Make photos of a burst that is none any more single ones."""
    for start in range(0, len(ids), _PAGE):
        alone = [replace(one, sequence="", together=None) for one in catalogue.records_of(ids[start : start + _PAGE])]
        catalogue.write(alone, model)


def _surest(record: Record) -> Identification:
    """Of a photo's animals, the one that was named most surely; the record has at least one."""
    answers = [one.identification for one in record.observations if one.identification.decision]
    return max(answers, key=lambda one: one.candidates[0].confidence)


def _answered_photos(catalogue: Catalogue, classifier: Classifier) -> Iterator[tuple[int, Record]]:
    """The photos that this classifier's model answered, with their numbers, in flat memory."""
    ids = catalogue.ids(Query(state=("answered",)))
    ours = (classifier.provenance.bundle, classifier.provenance.artifact_sha256)
    for start in range(0, len(ids), _PAGE):
        page = ids[start : start + _PAGE]
        for id, record in zip(page, catalogue.records_of(page), strict=True):
            answers = [one.identification for one in record.observations]
            same = all((one.provenance.bundle, one.provenance.artifact_sha256) == ours for one in answers)
            if record.medium.kind == "photo" and same and any(one.decision for one in answers):
                yield id, record
