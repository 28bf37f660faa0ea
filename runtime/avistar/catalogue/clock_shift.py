"""How much a camera's clock was wrong: for all its photos, or for those of a part of its time.

As text, `+1:00:00`, or `-0:30:00; +9131 d 2:00:00 from 2001-01-01 00:00 to 2001-02-01 00:00`: a shift for all photos,
then shifts for some, by the times that the camera itself wrote; of two that hold a photo the last counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from avistar.periods import TimeSpan

_OFFSET = re.compile(r"([+−-]?)(?:(\d+) ?d(?:ays?|ías?)?,? ?)?(?:(\d+):(\d\d)(?::(\d\d))?)?", re.IGNORECASE)
_PART = re.compile(
    r"(?P<offset>.*?)(?: (?:from|desde) (?P<since>\d[\d :T.-]*?))?"
    r"(?: (?:to|until|hasta) (?P<until>\d[\d :T.-]*?))?",
    re.IGNORECASE,
)
_DAY_ONLY = len("2026-03-01")


@dataclass(frozen=True, slots=True)
class ClockShift:
    """What is added to a camera's clock.

    Attributes:
        offset: How much.
        since: From which time on, by what the camera itself wrote, naive; None from the start.
        until: Before which time, likewise; None to the end.
    """

    offset: timedelta
    since: datetime | None = None
    until: datetime | None = None

    @property
    def is_whole(self) -> bool:
        """Whether it is for all photos."""
        return self.since is None and self.until is None

    def holds(self, at: datetime) -> bool:
        """Whether it is for a photo that the camera says is of `at`, naive."""
        return (self.since is None or at >= self.since) and (self.until is None or at < self.until)

    @property
    def text(self) -> str:
        """As it is written, such as "+1:00:00 from 2026-03-29 02:00"."""
        since = f" from {time_text(self.since)}" if self.since else ""
        until = f" to {time_text(self.until)}" if self.until else ""
        return f"{offset_text(self.offset) or '+0:00:00'}{since}{until}"


def shift_at(shifts: Iterable[ClockShift], at: datetime) -> timedelta:
    """What is added to a time that the camera wrote, naive."""
    offsets = [one.offset for one in shifts if one.holds(at)]
    return offsets[-1] if offsets else timedelta()


def shift_onward(offset: timedelta, at: datetime, spans: Sequence[TimeSpan]) -> ClockShift:
    """A shift for a photo that the camera says is of `at`, naive, and for those after it.

    Args:
        offset: What is added.
        at: The camera's time of the photo.
        spans: All times of the camera, in the groups that a reset clock makes, in order.

    Returns:
        It ends with the photo's own group: a clock that fell back to 2001 was right in 2026, before it did.
    """
    group = next((i for i, one in enumerate(spans) if one.first <= at <= one.last), len(spans) - 1)
    later = spans[group + 1 :]
    return ClockShift(offset, at, spans[group].last + timedelta(seconds=1) if later else None)


def clock_text(shift: timedelta, parts: Iterable[ClockShift] = ()) -> str:
    """A shift for all photos, and shifts for some; "" for a clock that was right."""
    return "; ".join(filter(None, (offset_text(shift), *(one.text for one in parts))))


def read_clock(text: str) -> tuple[timedelta, tuple[ClockShift, ...]] | None:
    """What `clock_text` writes, also with a date alone or in Spanish; None for anything else."""
    parts = [_read_part(one.strip()) for one in text.split(";")] if text.strip() else []
    if any(one is None for one in parts):
        return None
    read = [one for one in parts if one is not None]
    whole = [one.offset for one in read if one.is_whole]
    if len(whole) > 1:
        return None
    return (whole[0] if whole else timedelta()), tuple(one for one in read if not one.is_whole)


def _read_part(text: str) -> ClockShift | None:
    match = _PART.fullmatch(text)
    offset = read_offset(match["offset"]) if match and match["offset"].strip() else None
    if match is None or offset is None:
        return None
    try:
        since = read_time(match["since"]) if match["since"] else None
        until = read_time(match["until"], end=True) if match["until"] else None
    except (ValueError, OverflowError):
        return None
    return None if since and until and since >= until else ClockShift(offset, since, until)


def read_time(text: str, *, end: bool = False) -> datetime:
    """A time by a camera's clock; of a day alone its beginning, or with `end` its end. Raises `ValueError`."""
    at = datetime.fromisoformat(text.strip())
    if at.tzinfo is not None:
        raise ValueError(text)
    return at + timedelta(days=1) if end and len(text.strip()) == _DAY_ONLY else at


def time_text(at: datetime) -> str:
    """A time as people write it."""
    return at.isoformat(" ", "seconds" if at.second else "minutes")


def offset_text(offset: timedelta) -> str:
    """Such as "+1:00:00" or "-3 d 0:30:00"; "" for none."""
    if not offset:
        return ""
    days, seconds = divmod(round(abs(offset.total_seconds())), 86_400)
    clock = f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return f"{'-' if offset < timedelta() else '+'}{f'{days} d ' if days else ''}{clock}"


def read_offset(text: str) -> timedelta | None:
    """How much is added to a clock, such as "+1:00:00", "-0:30", "3 d 0:00" or "2 days"; None for anything else."""
    match = _OFFSET.fullmatch(text.strip())
    if not text.strip():
        return timedelta()
    if match is None or not any(match.groups()[1:]):
        return None
    sign, days, hours, minutes, seconds = match.groups()
    try:
        offset = timedelta(int(days or 0), int(seconds or 0), minutes=int(minutes or 0), hours=int(hours or 0))
    except OverflowError:
        return None
    return -offset if sign in ("-", "−") else offset
