"""Boxes under the mouse: one is chosen by a click, a person's is moved and resized, and a new one drawn."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QMouseEvent

from avistar.boxes import Box
from avistar_gui.photo.box_overlay import HANDLE, LabelledBox
from avistar_gui.photo.view import PhotoView

STILL = 4.0
"""A press that moves by less, in px, is a click."""
LEAST = 0.01
"""The least width and height of a person's box, as a fraction of the picture."""
STEP = 0.01
"""How far a key moves a box, as a fraction of the picture."""
PLACED = (0.35, 0.35, 0.65, 0.65)
"""Where a box stands that is drawn by keys, until they move it."""

Corners = tuple[float, float, float, float]


def box_between(left: float, top: float, right: float, bottom: float) -> Box:
    """A person's box between two corners, whichever they are, inside the picture and never smaller than `LEAST`."""
    left, right = sorted((min(max(left, 0.0), 1.0), min(max(right, 0.0), 1.0)))
    top, bottom = sorted((min(max(top, 0.0), 1.0), min(max(bottom, 0.0), 1.0)))
    left, top = min(left, 1 - LEAST), min(top, 1 - LEAST)
    return Box(left, top, max(right - left, LEAST), max(bottom - top, LEAST))


def corners_of(box: Box) -> Corners:
    """Left, top, right and bottom."""
    return box.left, box.top, box.left + box.width, box.top + box.height


def shifted(box: Box, right: float, down: float) -> Box:
    """The box moved, inside the picture."""
    left, top = (min(max(box.left + right, 0.0), 1 - box.width), min(max(box.top + down, 0.0), 1 - box.height))
    return Box(left, top, box.width, box.height)


class BoxEditor(QObject):
    """Watches the mouse on `view`. `chosen`: the place of a box, -1 for none; `drawn` and `moved`: a `Box`.

    While `drawing`, a drag draws a box. Only a box that is `movable` follows the mouse.
    """

    chosen = Signal(int)
    drawn = Signal(object)
    moved = Signal(object)
    drawing_changed = Signal(bool)

    def __init__(self, view: PhotoView) -> None:
        super().__init__(view)
        self._view = view
        self._boxes: tuple[LabelledBox, ...] = ()
        self._drawing = False
        self._pressed: QPointF | None = None
        self._held = ""  # the edges that the mouse drags, of "ltrb"; all of them move the box
        self._start: Box | None = None
        self._now: Box | None = None
        view.setMouseTracking(True)
        view.installEventFilter(self)

    @property
    def drawing(self) -> bool:
        """Whether the next drag draws a box."""
        return self._drawing

    @property
    def holds(self) -> bool:
        """Whether a box is chosen that can be moved."""
        return self._movable is not None

    def draw(self, on: bool) -> None:
        """Let the next drag draw a box, or no longer."""
        if on != self._drawing:
            self._drawing = on
            self._show_cursor("")
            self.drawing_changed.emit(on)

    def show_boxes(self, boxes: Sequence[LabelledBox]) -> None:
        """These are shown; a drag that goes on ends."""
        self._boxes, self._pressed, self._start, self._now = tuple(boxes), None, None, None
        self._show_cursor("")

    def nudge(self, right: int, down: int, *, resize: bool = False) -> None:
        """Move the chosen box by a key's step, or its right and lower edge."""
        one = self._movable
        if one is not None:
            left, top, far, low = corners_of(one.box)
            if resize:
                box = box_between(left, top, max(far + right * STEP, left), max(low + down * STEP, top))
            else:
                box = shifted(one.box, right * STEP, down * STEP)
            self.moved.emit(box)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take what concerns a box; all else is the view's."""
        if not isinstance(event, QMouseEvent) or not self._view.has_photo:
            return super().eventFilter(watched, event)
        kind = event.type()
        if kind == QEvent.Type.MouseButtonPress and event.button() == Qt.MouseButton.LeftButton:
            return self._press(event.position())
        if kind == QEvent.Type.MouseMove:
            return self._move(event.position(), held=bool(event.buttons() & Qt.MouseButton.LeftButton))
        if kind == QEvent.Type.MouseButtonRelease and event.button() == Qt.MouseButton.LeftButton:
            return self._release(event.position())
        return super().eventFilter(watched, event)

    def _press(self, at: QPointF) -> bool:
        self._pressed, self._held, self._start, self._now = at, "", None, None
        if self._drawing:
            x, y = self._fractions(at)
            self._start, self._held = box_between(x, y, x, y), "draw"
            return True
        self._held = self._edges(at)
        one = self._movable
        if self._held and one is not None:
            self._start = one.box
            return True
        return False

    def _move(self, at: QPointF, *, held: bool) -> bool:
        if not held or self._start is None or self._pressed is None:
            self._show_cursor(self._edges(at) if not held else "")
            return False
        x, y = self._fractions(at)
        from_x, from_y = self._fractions(self._pressed)
        if self._held == "draw":
            self._now = box_between(from_x, from_y, x, y)
        elif self._held == "ltrb":
            self._now = shifted(self._start, x - from_x, y - from_y)
        else:
            left, top, right, bottom = corners_of(self._start)
            self._now = box_between(
                x if "l" in self._held else left,
                y if "t" in self._held else top,
                x if "r" in self._held else right,
                y if "b" in self._held else bottom,
            )
        self._view.show_sketch(self._now)
        return True

    def _release(self, at: QPointF) -> bool:
        pressed, self._pressed = self._pressed, None
        now, held, self._now, self._start = self._now, self._held, None, None
        self._view.show_sketch(None)
        still = pressed is None or (at - pressed).manhattanLength() < STILL
        if pressed is None:
            return False
        if not still and now is not None:
            if held == "draw":
                self.draw(False)
                self.drawn.emit(now)
            else:
                self.moved.emit(now)
            return True
        if still and held != "draw":
            self._click(at)
        return held == "draw"

    def _click(self, at: QPointF) -> None:
        """The smallest box below the mouse; a click on none chooses none."""
        x, y = self._fractions(at)
        below = [one for one in self._boxes if _holds(one.box, x, y)]
        if below:
            self.chosen.emit(min(below, key=lambda one: one.box.width * one.box.height).place)
        elif any(one.chosen for one in self._boxes):
            self.chosen.emit(-1)

    @property
    def _movable(self) -> LabelledBox | None:
        return next((one for one in self._boxes if one.chosen and one.movable), None)

    def _fractions(self, at: QPointF) -> tuple[float, float]:
        area = self._view.picture_area
        return (at.x() - area.left()) / max(area.width(), 1), (at.y() - area.top()) / max(area.height(), 1)

    def _edges(self, at: QPointF) -> str:
        """The edges of the movable box that lie at a point; all four inside it."""
        one = self._movable
        if one is None:
            return ""
        area = self._view.picture_area
        place = one.box_on(area)
        if not place.adjusted(-HANDLE, -HANDLE, HANDLE, HANDLE).contains(at):
            return ""
        near = {
            "l": abs(at.x() - place.left()) <= HANDLE,
            "t": abs(at.y() - place.top()) <= HANDLE,
            "r": abs(at.x() - place.right()) <= HANDLE,
            "b": abs(at.y() - place.bottom()) <= HANDLE,
        }
        return "".join(edge for edge, there in near.items() if there) or "ltrb"

    def _show_cursor(self, edges: str) -> None:
        shapes = {"": Qt.CursorShape.ArrowCursor, "ltrb": Qt.CursorShape.SizeAllCursor}
        for names, shape in (
            (("lt", "rb"), Qt.CursorShape.SizeFDiagCursor),
            (("tr", "lb"), Qt.CursorShape.SizeBDiagCursor),
            (("l", "r"), Qt.CursorShape.SizeHorCursor),
            (("t", "b"), Qt.CursorShape.SizeVerCursor),
        ):
            shapes |= dict.fromkeys(names, shape)
        cursor = Qt.CursorShape.CrossCursor if self._drawing else shapes.get(edges, Qt.CursorShape.ArrowCursor)
        if self._view.cursor().shape() != cursor:
            self._view.setCursor(cursor)


def _holds(box: Box, x: float, y: float) -> bool:
    return QRectF(box.left, box.top, box.width, box.height).contains(x, y)
