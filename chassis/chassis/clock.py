"""Time is asked for, never assumed: a stack in development can be moved two days on in a second (ACT-07)."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol


class Clock(Protocol):
    """Where the present comes from."""

    def now(self) -> datetime:
        """The present as an aware datetime in UTC."""
        ...


class SystemClock:
    """The machine's own time."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class MovableClock:
    """The machine's time plus the seconds written in a file, which every process of a development stack shares."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp: tuple[int, int] | None = None
        self._offset = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self._read()

    def _read(self) -> timedelta:
        try:
            stat = self._path.stat()
        except FileNotFoundError:
            return timedelta()
        # the inode changes with every atomic rewrite, so two moves within one tick of mtime are both seen
        if (stat.st_mtime_ns, stat.st_ino) != self._stamp:
            self._offset = self._offset_in(self._path.read_text())
            self._stamp = (stat.st_mtime_ns, stat.st_ino)
        return self._offset

    def _offset_in(self, text: str) -> timedelta:
        try:
            return timedelta(seconds=float(text))
        except (ValueError, OverflowError):
            raise ValueError(f"{self._path}: {text[:40]!r} is not a number of seconds, e.g. 172800.0") from None


def clock_from(path: Path | None) -> Clock:
    """A movable clock when a file is named, the system's otherwise."""
    return MovableClock(path) if path else SystemClock()
