"""What people say of the photos, at work: which photo, which thing in it, and what the next key means."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

from PySide6.QtCore import QObject, Signal

from avistar.boxes import Box
from avistar.records import Remark, Sighting, Verdict
from avistar.species import Species
from avistar_gui.identify import texts
from avistar_gui.identify.answer_panel import NextKey, Selection, Subject
from avistar_gui.identify.page import IdentifyPage
from avistar_gui.identify.photo_model import PhotoList
from avistar_gui.identify.session.favourites import Favourites
from avistar_gui.identify.session.session import Session
from avistar_gui.identify.session.statement import (
    Change,
    Shape,
    Thing,
    addition,
    correction,
    located,
    naming,
    placed,
    removal,
    shape,
    sighting_of,
    things_of,
)
from avistar_gui.identify.species_dialog import SpeciesDialog
from avistar_gui.photo.box_editor import PLACED, box_between
from avistar_gui.settings import Settings
from avistar_gui.texts import Names, known_names, use_survey_species

MOST_COUNTED = 300
"""Photos that are chosen together up to which it is counted what they show; beyond, the window would wait."""


class ReviewController(QObject):
    """Turns keys and clicks into reviews of the chosen photos; `shown` (a `Subject`) as the panel is about another."""

    shown = Signal(object)

    def __init__(
        self, page: IdentifyPage, photos: PhotoList, session: Session, *, settings: Settings, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._page, self._photos, self._session, self._settings = page, photos, session, settings
        self._names: Names | None = None
        self._id, self._chosen, self._number = -1, -1, 1
        self._subject, self._next = Subject(), NextKey()
        self._follow: tuple[Sighting | None, Shape | None] | None = None
        self.favourites = Favourites()
        self._connect()

    @property
    def subject(self) -> Subject:
        """What the panel is about."""
        return self._subject

    def use_names(self, names: Names | None) -> None:
        """What species and groups are called."""
        self._names = names
        self._show_favourites()

    def use_species(self) -> None:
        """The survey's list is another: call everything by its names."""
        use_survey_species(self._session.species())
        self.favourites.keep(known_names().species)
        self._show_favourites()

    def enter(self) -> None:
        """Another survey is open."""
        self.favourites = Favourites()
        self.use_species()

    def use_favourites(self, latest_first: Sequence[str]) -> None:
        """These species were used last; those that have a place keep it."""
        known = set(self.favourites.all)
        for species in reversed(latest_first):
            if species not in known:
                self.favourites.use(species)
        self._show_favourites()

    def choose_photo(self, id: int) -> None:
        """Another photo is chosen, -1 for none, or the same once more."""
        if id != self._id:
            self._id, self._chosen, self._follow = id, -1, None
            self._page.photo.boxes.draw(False)
            self._expect(NextKey())
        self.refresh()

    def refresh(self) -> None:
        """Something else may be known of the photo."""
        known = self._subject.record is not None and self._subject.record.medium.path == self._path
        if known and self._session.reviews.waits(self._id):
            return  # it is read anew once that is stored; what is shown is ahead of it
        record = self._session.record(self._id)
        things = things_of(record) if record is not None else ()
        self._chosen = self._place(things)
        opinions = self._session.opinions(self._id) if record is not None and record.review is not None else {}
        self._show(Subject(record, things, self._chosen, opinions, self._selection()))

    def choose_thing(self, place: int) -> None:
        """The keys speak of the thing at `place` from now on, -1: of the photo."""
        self._page.answers.commit()
        self._chosen, self._follow = place, None
        self._show(replace(self._subject, chosen=place))

    def step_thing(self, forwards: bool) -> bool:
        """Choose the next thing of the photo; False past the last one, where the focus goes on."""
        places = [i for i, one in enumerate(self._subject.things) if one.counts]
        told = len(places) > 1 or any(self._subject.things[i].box for i in places)
        if not told or self._number > 1:
            return False
        order = [-1, *places] if forwards else [-1, *reversed(places)]
        after = order.index(self._chosen) + 1 if self._chosen in order else 1
        self.choose_thing(order[after] if after < len(order) else -1)
        return after < len(order)

    @property
    def _path(self) -> str:
        photo = self._photos.photo(self._photos.row_of(self._id))
        return photo.path if photo is not None else ""

    # What people say

    def review(self, verdict: Verdict, species: str = "") -> None:
        """Say what the chosen photos show, or what the chosen thing is, and go on."""
        said = Sighting(verdict, species, self._next.count if verdict != "empty" else None)
        thing = self._subject.thing
        if species:
            self.favourites.use(species)
            self._show_favourites()
        if verdict == "empty" and thing is not None:
            self.remove()
        else:
            self._say(change_to(said, thing, adding=self._next.adding), self._named_ids())

    def add_species(self, new: Species) -> None:
        """Add a species to the survey's list, say that the chosen photos show it, and go on to the next."""
        ids, count = self._named_ids(), self._next.count
        change = partial(change_with, thing=self._subject.thing, count=count, adding=self._next.adding)
        if ids:
            self._session.reviews.add(new, ids, change, self._settings.reviewer)
            self._go_on(ids)

    def accept(self) -> None:
        """Say of each chosen photo what was answered; those without a clear answer are left for a look."""
        ids = self._page.grid.chosen_ids()
        if ids and self._page.isVisible():
            self._session.reviews.accept(ids, self._settings.reviewer)
            if len(ids) == 1:
                self._page.grid.choose(self._photos.row_of(ids[0]) + 1)

    def accept_rank(self, rank: int) -> None:
        """Say that it is the species of this card."""
        answer = self._subject.answer
        if answer is not None and rank < len(answer.candidates):
            self.review("species", answer.candidates[rank].species.id)

    def favour(self, place: int) -> None:
        """Say that it is the species at this place of those used last."""
        if species := self.favourites[place]:
            self.review("species", species)

    def count(self, number: int) -> None:
        """There are so many: of the chosen thing, else of what the next key names."""
        thing = self._subject.thing
        if thing is not None and thing.named:
            self.correct(replace(sighting_of(thing), count=number))
        elif self._id >= 0:
            self._expect(replace(self._next, count=number))

    def correct(self, said: Sighting) -> None:
        """Say something else of the chosen thing, and stay there."""
        thing = self._subject.thing
        if thing is None:
            return
        said = placed(said, said.box or thing.box)
        self._session.reviews.change([self._id], correction(thing, said), self._settings.reviewer)
        # What is said next speaks of the thing as it is by then: words are stored in their order.
        things = list(self._subject.things)
        things[self._chosen] = replace(
            thing, kind=said.kind, what=said.species or said.kind, count=said.count, sighting=said, box=said.box
        )
        self._subject = replace(self._subject, things=tuple(things))
        self._follow = said, shape(said.box)

    def remove(self) -> None:
        """Say that the chosen thing is not there."""
        thing = self._subject.thing
        if thing is not None and thing.counts:
            self._chosen, self._follow = -1, None
            self._session.reviews.change([self._id], removal(thing), self._settings.reviewer)

    def draw_box(self, box: Box) -> None:
        """Say that something is there: the one animal whose place nobody knew, else something yet to be named."""
        if self._id >= 0:
            self._follow = None, shape(box)
            self._session.reviews.change([self._id], located(box), self._settings.reviewer)
            self._page.grid.setFocus()

    def move_box(self, box: Box) -> None:
        """Say that the chosen thing, which a person drew, is there."""
        thing = self._subject.thing
        if thing is not None and thing.sighting is not None:
            self.correct(placed(thing.sighting, box))
            self._show(self._subject)

    def toggle_drawing(self) -> None:
        """The next drag draws a box; said twice, one is placed in the middle, to be moved by keys."""
        boxes = self._page.photo.boxes
        if self._id < 0 or self._number > 1 or not self._page.view.has_photo:
            return
        if boxes.drawing:
            self.draw_box(box_between(*PLACED))
        boxes.draw(not boxes.drawing)

    def remark(self, comment: str, tags: tuple[str, ...]) -> None:
        """Give the chosen photo this comment and these tags; of several each gets them beside its own."""
        ids, reviewer, now = self._spoken_ids(), self._settings.reviewer, datetime.now(UTC)

        def one(before: Remark | None) -> Remark:
            if before is None or len(ids) == 1:
                return Remark(comment, tags, reviewer, now)
            both = " · ".join(dict.fromkeys(filter(None, (before.comment, comment))))
            return Remark(both, tuple(dict.fromkeys((*before.tags, *tags))), reviewer, now)

        if ids:
            self._session.reviews.remark(ids, one)

    def choose_burst(self) -> None:
        """Select every photo of the chosen one's burst that is listed: one key then reviews all of them."""
        rows = self._photos.rows_of(self._session.burst_of(self._id))
        if rows:
            self._page.grid.choose_all(sorted(rows))

    def act(self, name: str) -> None:
        """Do what a key or button says."""
        acts: dict[str, Callable[[], object]] = {
            "undo": self._session.undo,
            "redo": self._session.redo,
            "accept": self.accept,
            "other": self.ask_species,
            "also": lambda: self._expect(replace(self._next, adding=not self._next.adding)),
            "unknown": lambda: self.review("unknown"),
            "person": lambda: self.review("person"),
            "empty": lambda: self.review("empty"),
            "details": self._open_details,
            "remark": self._page.answers.remark.enter,
            "remove": self.remove,
            "escape": self._escape,
            "box": self.toggle_drawing,
            "next": self._session.look_for_unreviewed,
        }
        acts[name]()

    def ask_species(self) -> None:
        """Have a species typed."""
        if self._names is not None and self._id >= 0:
            species = self._session.species() or tuple(self._names.species.values())
            dialog = SpeciesDialog(species, self._page)
            dialog.wanted.connect(self._say_finding)
            dialog.named.connect(self.add_species)
            dialog.rejected.connect(lambda: self._expect(NextKey()))
            dialog.open()

    def go_to_unreviewed(self, ids: Sequence[int]) -> None:
        """Go to the first of these, in the order shown, after the chosen photo; past the last one, to the first."""
        here = self._photos.row_of(self._id)
        rows = self._photos.rows_of(ids)
        after = next((row for row in rows if row > here), rows[0] if rows else -1)
        if after >= 0:
            self._page.grid.choose(after)

    # Within

    def _connect(self) -> None:
        page, answers, writer = self._page, self._page.answers, self._session.reviews
        page.burst_wanted.connect(self.choose_burst)
        page.grid.selected.connect(self._select)
        page.grid.step_thing = self.step_thing
        page.escapes = lambda: self.escapes
        answers.accepted.connect(self.accept_rank)
        answers.wanted.connect(self.act)
        answers.counted.connect(self.count)
        answers.favoured.connect(self.favour)
        answers.thing_chosen.connect(self.choose_thing)
        answers.corrected.connect(self.correct)
        answers.remarked.connect(self.remark)
        answers.left.connect(page.grid.setFocus)
        boxes = page.photo.boxes
        boxes.chosen.connect(self.choose_thing)
        boxes.chosen.connect(lambda _: page.grid.setFocus())
        boxes.drawn.connect(self.draw_box)
        boxes.moved.connect(self.move_box)
        boxes.drawing_changed.connect(lambda _: self._expect(self._next))
        answers.buttons["also"].clicked.connect(self.ask_species)
        self._session.unreviewed.connect(self.go_to_unreviewed)
        self._session.reviewed.connect(self._reviewed)
        self._session.unsaved.connect(self._unsaved)
        writer.accepted.connect(self._accepted)
        writer.renamed.connect(self.use_species)
        writer.renamed.connect(self._session.look_for_favourites)
        self._session.favourites.connect(self.use_favourites)
        writer.saved.connect(page.banner.clear)

    def _say(self, change: Change, ids: list[int]) -> None:
        if ids:
            self._session.reviews.change(ids, change, self._settings.reviewer)
            self._go_on(ids)

    def _say_finding(self, finding: str) -> None:
        if finding in ("person", "vehicle"):
            self.review("person" if finding == "person" else "vehicle")
        else:
            self.review("species", finding)

    def _spoken_ids(self) -> list[int]:
        """The photos that the next key speaks of."""
        return self._page.grid.chosen_ids() or ([self._id] if self._id >= 0 else [])

    def _named_ids(self) -> list[int]:
        """The photos that the next name is said of: with a chosen thing, the one that it is in."""
        return [self._id] if self._subject.thing is not None else self._spoken_ids()

    def _go_on(self, ids: list[int]) -> None:
        """To the next thing that nobody spoke of, else to the photo after these, unless a review waits to be stored."""
        following = self._following()
        self._expect(NextKey())
        if self._session.reviews.blocked:
            return
        if following is not None:
            self._follow = following.sighting, shape(following.box)
        else:
            self._page.grid.choose(max(map(self._photos.row_of, ids)) + 1)

    def _following(self) -> Thing | None:
        """The next thing of the photo that only a machine spoke of, once the chosen one is named."""
        if self._subject.thing is None or self._next.adding:
            return None
        rest = [one for one in self._subject.things[self._chosen + 1 :] if one.counts and one.sighting is None]
        return rest[0] if rest else None

    def _place(self, things: Sequence[Thing]) -> int:
        """Where the thing is that the keys speak of, as the photo is read anew."""
        if self._follow is not None:
            said, where = self._follow
            counting = [i for i, one in enumerate(things) if one.counts]
            exact = [i for i in counting if things[i].sighting == said and shape(things[i].box) == where]
            found = exact or [i for i in counting if where is not None and shape(things[i].box) == where]
            if found:
                return found[0]
        return self._chosen if self._chosen < len(things) else -1

    def _select(self, number: int) -> None:
        """So many photos are chosen together."""
        before, self._number = self._number, number
        if number <= 1 and before <= 1:
            return  # the photo that is chosen is shown by itself
        if number > 1:
            self._chosen, self._follow = -1, None
        self._show(replace(self._subject, chosen=self._chosen, selection=self._selection()))

    def _selection(self) -> Selection:
        if not 1 < self._number <= MOST_COUNTED:
            return Selection(self._number)
        rows = self._session.rows(self._page.grid.chosen_ids())
        return Selection(self._number, Counter(row.finding or "empty" for row in rows if row.state != "pending"))

    def _show(self, subject: Subject) -> None:
        self._subject = subject
        self._page.answers.show_subject(subject, self._names)
        self.shown.emit(subject)

    def _show_favourites(self) -> None:
        self._page.answers.favourites.show_species(self.favourites.all, self._names)

    def _expect(self, following: NextKey) -> None:
        self._next = following
        self._page.answers.show_next(replace(following, drawing=self._page.photo.boxes.drawing))

    def _escape(self) -> None:
        """Esc takes back what the next key or drag would do, then the choice of a thing."""
        if self._page.photo.boxes.drawing:
            self._page.photo.boxes.draw(False)
        elif self._next != NextKey():
            self._expect(NextKey())
        elif self._chosen >= 0:
            self.choose_thing(-1)

    @property
    def escapes(self) -> bool:
        """Whether Esc means something here."""
        return self._page.photo.boxes.drawing or self._next != NextKey() or self._chosen >= 0

    def _open_details(self) -> None:
        if self._subject.thing is None and self._subject.things and self._number == 1:
            self.choose_thing(0)
        self._page.answers.open_editor()

    def _reviewed(self, ids: list[int], go: bool) -> None:
        self._page.banner.clear_done()
        self._photos.refresh_ids(ids)
        if self._id in ids:
            self.refresh()
        row = self._photos.row_of(ids[0]) if ids else -1  # a name or a camera may be in no photo
        if go and row >= 0:
            self._page.grid.choose(row)

    def _unsaved(self, ids: list[int], reason: str) -> None:
        """Nobody goes on from a photo whose review is not on the disk."""
        self._page.banner.show_message(texts.unsaved(len(ids), reason, self._session.reviews.retry))
        row = self._photos.row_of(ids[0]) if ids else -1
        if row >= 0:
            self._page.grid.choose(row)

    def _accepted(self, ids: list[int], left: list[int]) -> None:
        """Go to the first photo that still needs a look: all others must not stay chosen for the next key."""
        if left or len(ids) > 1:
            self._page.banner.show_message(texts.accepted(len(ids), len(left), self._session.undo))
        unsaid = next((row.id for row in self._session.rows(left) if not row.verdict), None)
        if unsaid is not None or len(ids) + len(left) > 1:  # one photo that was refused is not left behind either
            self._page.grid.choose(self._photos.row_of((ids or left)[-1] if unsaid is None else unsaid))


def change_to(said: Sighting, thing: Thing | None, *, adding: bool) -> Change:
    """To say that a photo shows it, or shows it too, or that this is what the `thing` is."""
    if adding:
        return addition(said)
    if thing is not None and thing.sighting is not None:  # another name: what else was said of it stays
        count = said.count or thing.sighting.count
        said = replace(thing.sighting, kind=said.kind, species=said.species, count=count)
    return naming(said, thing)


def change_with(species: str, thing: Thing | None, count: int | None, *, adding: bool) -> Change:
    """The same with a species that has its id only once it is in the survey's list."""
    return change_to(Sighting("species", species, count), thing, adding=adding)
