"""What the window shows before there is any photo: what to do, and how.

Surveys of the past, each with how far it is: a list, and the painter of its lines.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import (
    QDateTime,
    QEvent,
    QLocale,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QSizePolicy,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from avistar.files import printable
from avistar_gui.identify.session.cards import Card
from avistar_gui.identify.session.survey_library import LibraryEntry
from avistar_gui.texts import count, locale
from avistar_gui.widgets import icons, tiles
from avistar_gui.widgets.theme import current, scaled, set_font

RECENT_HEIGHT = 264
MOST_CARDS = 3


class StartPage(QWidget):
    """A large drop target with two buttons; `photos_wanted` and `folder_wanted` when they are pressed."""

    photos_wanted = Signal()
    folder_wanted = Signal()
    survey_wanted = Signal(str)
    card_wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._hot = False
        self._icon = QLabel(alignment=Qt.AlignmentFlag.AlignCenter)
        self.title = QLabel(alignment=Qt.AlignmentFlag.AlignCenter)
        self.hint = QLabel(alignment=Qt.AlignmentFlag.AlignCenter)
        self.promise = QLabel(alignment=Qt.AlignmentFlag.AlignCenter)
        self.folder, self.photos = QPushButton(), QPushButton()
        self.cards, self._cards = QHBoxLayout(), list[Card]()
        self.recent_title, self.recent, self._surveys = QLabel(), RecentList(), list[LibraryEntry]()
        set_font(self.recent_title, 1.1, bold=True)
        self.recent.setMaximumWidth(640)
        self.recent.wanted.connect(self.survey_wanted)
        self.folder.setProperty("primary", True)
        set_font(self.title, 1.9, bold=True)
        set_font(self.hint, 1.1)
        for label in (self.hint, self.promise):
            label.setProperty("muted", True)
            label.setWordWrap(True)
        self.folder.clicked.connect(self.folder_wanted)
        self.photos.clicked.connect(self.photos_wanted)
        self._arrange()
        self._retranslate()

    def show_recent(self, surveys: Sequence[LibraryEntry]) -> None:
        """Offer surveys of the past; nothing where there are none."""
        self._surveys = list(surveys)
        self._fill_recent()

    def show_cards(self, cards: Sequence[Card]) -> None:
        """Offer cameras' cards that are in the computer now; nothing where there are none."""
        if list(cards) == self._cards:
            return
        self._cards = list(cards)
        while (item := self.cards.takeAt(0)) is not None:
            if (button := item.widget()) is not None:
                button.deleteLater()
        self.cards.addStretch(1)
        for card in self._cards[:MOST_CARDS]:
            offer = QPushButton(self._card_text(card))
            offer.setIcon(icons.icon("camera", current().text))
            offer.setToolTip(printable(card.folder))
            offer.clicked.connect(lambda _=False, card=card: self.card_wanted.emit(card.folder))
            self.cards.addWidget(offer)
        self.cards.addStretch(1)

    def _card_text(self, card: Card) -> str:
        size = locale().formattedDataSize(card.used_bytes, 1, QLocale.DataSizeFormat.DataSizeSIFormat)
        return self.tr("Open card {name} ({size})").format(name=printable(card.name), size=size)

    def set_hot(self, hot: bool) -> None:
        """Show that what is dragged over the window can be dropped."""
        self._hot = hot
        self.update()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.LanguageChange, QEvent.Type.PaletteChange):
            self._retranslate()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the dashed outline of the drop target."""
        tokens = current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(QColor(tokens.accent_soft if self._hot else tokens.surface))
        pen = QPen(QColor(tokens.accent if self._hot else tokens.strong_border), 1.6)
        pen.setDashPattern([5, 4])
        painter.setPen(pen)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 20, 20)
        painter.end()

    def _fill_recent(self) -> None:
        self.recent.show_surveys(self._surveys)
        for part in (self.recent_title, self.recent):
            part.setVisible(bool(self._surveys))

    def _retranslate(self) -> None:
        tokens = current()
        self._icon.setPixmap(icons.pixmap("avistar", 104, tokens.accent, self.devicePixelRatioF()))
        self.title.setText(self.tr("Drop photos or folders here"))
        self.hint.setText(self.tr("A memory card's whole folder is fine: subfolders are included."))
        self.promise.setText(self.tr("Photos stay on this computer and are never changed."))
        self.recent_title.setText(self.tr("Continue"))
        self.recent.setAccessibleName(self.tr("Recent surveys"))
        self._fill_recent()
        cards, self._cards = self._cards, []
        self.show_cards(cards)
        self.folder.setText(self.tr("Open folder…"))
        self.photos.setText(self.tr("Open photos…"))
        self.folder.setIcon(icons.icon("folder", tokens.on_accent))
        self.photos.setIcon(icons.icon("photos", tokens.text))

    def _arrange(self) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(12)
        buttons.addStretch(1)
        buttons.addWidget(self.folder)
        buttons.addWidget(self.photos)
        buttons.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(40, 28, 40, 28)
        layout.setSpacing(10)
        layout.addStretch(5)
        layout.addWidget(self._icon)
        layout.addSpacing(16)
        layout.addWidget(self.title)
        layout.addWidget(self.hint)
        layout.addSpacing(18)
        layout.addLayout(buttons)
        layout.addLayout(self.cards)
        layout.addStretch(2)
        layout.addWidget(self.recent_title, 0, Qt.AlignmentFlag.AlignHCenter)
        row = QHBoxLayout()
        row.addWidget(self.recent)
        layout.addLayout(row)
        layout.addStretch(3)
        layout.addWidget(self.promise)


BAR, MARGIN = 5, 12
PICTURE = QSize(84, 63)

SURVEY = Qt.ItemDataRole.UserRole + 1


class RecentList(QListWidget):
    """`wanted` (a survey's file) when one is taken with Enter or a click."""

    wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.thumbnail: Callable[[str], QPixmap | None] = lambda _: None
        self.setItemDelegate(_Painter(self))
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        self.itemActivated.connect(self._take)
        self.itemClicked.connect(self._take)

    def sizeHint(self) -> QSize:
        """All rows where there is room, at most RECENT_HEIGHT."""
        return QSize(super().sizeHint().width(), min(self.sizeHintForRow(0) * self.count() + 18, RECENT_HEIGHT))

    def minimumSizeHint(self) -> QSize:
        """One row: a small screen must not cut what stands below."""
        return QSize(super().minimumSizeHint().width(), self.sizeHintForRow(0) + 18)

    def show_surveys(self, surveys: Sequence[LibraryEntry]) -> None:
        """List these."""
        self.clear()
        for survey in surveys:
            item = QListWidgetItem(f"{printable(survey.name)}, {self.progress(survey)}", self)
            item.setData(Qt.ItemDataRole.UserRole, survey.path)
            item.setData(SURVEY, survey)
            item.setToolTip(printable(survey.folder))
        self.updateGeometry()

    def progress(self, survey: LibraryEntry) -> str:
        """'1,204 of 3,010 reviewed  ·  200 waiting  ·  its folder is not here'."""
        counts = survey.counts
        if survey.damaged:
            return self.tr("its file is damaged: choose it to restore it")
        parts = [
            self.tr("{reviewed} of {total} reviewed").format(reviewed=count(counts.reviewed), total=count(counts.total))
        ]
        if counts.pending:
            parts.append(self.tr("{number} waiting").format(number=count(counts.pending)))
        if not survey.here:
            parts.append(self.tr("its folder is not here"))
        return "  ·  ".join(parts)

    def _take(self, item: QListWidgetItem) -> None:
        self.wanted.emit(item.data(Qt.ItemDataRole.UserRole))


class _Painter(QStyledItemDelegate):
    """Paints a survey: name and day, the bar of what is identified and reviewed, and the same in words."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        survey, owner = index.data(SURVEY), self.parent()
        if not isinstance(survey, LibraryEntry) or not isinstance(owner, RecentList):
            return
        tokens, font = current(), option.font
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        if option.state & (QStyle.StateFlag.State_Selected | QStyle.StateFlag.State_MouseOver):
            painter.setBrush(QColor(tokens.accent_soft))
            painter.drawRoundedRect(QRectF(option.rect).adjusted(1, 1, -1, -1), 8, 8)
        self._picture(painter, option.rect, survey, owner)
        inner = option.rect.adjusted(MARGIN + PICTURE.width() + MARGIN, MARGIN // 2 + 2, -MARGIN, -MARGIN // 2)
        line = QFontMetrics(font).height()
        top = QRect(inner.left(), inner.top(), inner.width(), line)
        when = _day(survey.touched_s)
        painter.setFont(scaled(font, 0.9))
        painter.setPen(QColor(tokens.muted))
        painter.drawText(top, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, when)
        metrics = painter.fontMetrics()
        room = inner.width() - metrics.horizontalAdvance(when) - MARGIN
        words = QRect(inner.left(), top.bottom() + BAR + 14, inner.width(), line)
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, owner.progress(survey))
        where = metrics.elidedText(printable(survey.folder), Qt.TextElideMode.ElideMiddle, inner.width())
        painter.drawText(words.translated(0, line + 1), Qt.AlignmentFlag.AlignVCenter, where)
        painter.setFont(scaled(font, 1.0, bold=True))
        painter.setPen(QColor(tokens.text if survey.here else tokens.muted))
        name = painter.fontMetrics().elidedText(printable(survey.name), Qt.TextElideMode.ElideMiddle, room)
        painter.drawText(top, Qt.AlignmentFlag.AlignVCenter, name)
        self._bar(painter, QRectF(inner.left(), top.bottom() + 7, inner.width(), BAR), survey)
        painter.restore()

    def _picture(self, painter: QPainter, row: QRect, survey: LibraryEntry, owner: RecentList) -> None:
        """One of its photos, or a sign where there is none to be shown."""
        where = QRect(row.left() + MARGIN, row.center().y() - PICTURE.height() // 2, PICTURE.width(), PICTURE.height())
        picture = owner.thumbnail(survey.photo) if survey.photo and survey.here else None
        tiles.paint_picture(painter, where, picture, "warning" if survey.damaged else "photos")

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        line = QFontMetrics(option.font).height()
        return QSize(200, max(3 * line + BAR + 15 + MARGIN, PICTURE.height() + MARGIN))

    def _bar(self, painter: QPainter, where: QRectF, survey: LibraryEntry) -> None:
        """Reviewed in full colour, identified in a soft one."""
        tokens, counts = current(), survey.counts
        total = max(counts.total, 1)
        painter.setPen(Qt.PenStyle.NoPen)
        for share, colour in (
            (1.0, tokens.raised),
            ((counts.total - counts.pending) / total, tokens.strong_border),
            (counts.reviewed / total, tokens.accent),
        ):
            if share > 0:
                part = QRectF(where.left(), where.top(), max(where.width() * share, BAR), where.height())
                painter.setBrush(QColor(colour))
                painter.drawRoundedRect(part, BAR / 2, BAR / 2)


def _day(seconds: float) -> str:
    return locale().toString(QDateTime.fromSecsSinceEpoch(int(seconds)).date(), QLocale.FormatType.ShortFormat)
