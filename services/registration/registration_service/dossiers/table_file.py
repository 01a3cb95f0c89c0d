"""CSV as bytes: cut into records as they stream in, so that each can be given back exactly as it came (REG-20, REG-21).

Delimiter, quote and line end are the same bytes in UTF-8 and Windows-1252 and never part of another character. Where a
record ends depends on the bytes alone, never on the pieces in which they arrive.
"""

import codecs
import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

LONGEST_RECORD: Final = 64 * 1024
"""Bytes; a quoted cell that needs more was never closed."""
BOM: Final = codecs.BOM_UTF8
DELIMITERS: Final = ";,"
_CELL: Final = '(?:"[^"]*+(?:""[^"]*+)*+"|(?!"))[^{}\n]*+'
"""A cell with its quotes, if it begins with one; no way back, so that each byte is looked at once."""


class LineTooLong(ValueError):
    """A line is longer than any record may be; the argument is its number."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a file is written."""

    encoding: str
    """`utf-8` or `cp1252`."""
    bom: bool
    delimiter: str

    @property
    def start(self) -> int:
        """The offset of the first record."""
        return len(BOM) if self.bom else 0


@dataclass(frozen=True, slots=True)
class Record:
    """One row of the file, which may be several lines."""

    offset: int
    """Of its first byte in the file."""
    line: int
    """Number of its first line, from 1."""
    content: bytes
    """Without the line end."""
    end: bytes
    """The line end as it came; empty at the end of the file."""
    closed: bool = True
    """False: a quote opens and is never closed; the record is the one line in which it opens."""

    @property
    def after(self) -> int:
        """Offset of the next record."""
        return self.offset + len(self.content) + len(self.end)

    @property
    def lines(self) -> int:
        """How many lines it takes."""
        return self.content.count(b"\n") + 1

    @property
    def blank(self) -> bool:
        """Whether it says nothing in any cell."""
        return not self.content.strip(b' \t\r\n;,"')


class Splitter:
    """Cuts a stream into records. Whatever stands in it, a byte is looked at within reach of one record only."""

    def __init__(self, delimiters: str, offset: int = 0, line: int = 1) -> None:
        """`delimiters`: the file's one, or every possible one while only the header is looked for."""
        cell = _CELL.format(delimiters)
        self._ended = re.compile(f"{cell}(?:[{delimiters}]{cell})*+\n".encode())
        self._last = re.compile(f"{cell}(?:[{delimiters}]{cell})*+(?:\n|\\Z)".encode())
        self._offset, self._line, self._bytes = offset, line, b""

    def feed(self, piece: bytes, *, last: bool = False) -> Iterator[Record]:
        """The records that are complete with this piece; `last` says that no other follows. Raises LineTooLong."""
        self._bytes += piece
        start = 0
        while start < len(self._bytes) and (record := self._cut(start, last)):
            start = record.after - self._offset
            self._line += record.lines
            yield record
        self._bytes, self._offset = self._bytes[start:], self._offset + start

    def finish(self) -> Iterator[Record]:
        """What is left when the stream has ended."""
        return self.feed(b"", last=True)

    def _cut(self, start: int, last: bool) -> Record | None:
        """The record from `start` on; None when what has arrived does not tell where it ends."""
        told, most = self._bytes, start + LONGEST_RECORD
        line = told.find(b"\n", start, most)
        if line >= 0 and told.find(b'"', start, line) < 0:
            return self._record(start, line + 1)
        rest = len(told) <= most
        if found := (self._last if last and rest else self._ended).match(told, start, most):
            return self._record(start, found.end())
        if rest and not last:
            return None
        if line < 0 and not rest:
            raise LineTooLong(self._line)
        return self._record(start, line + 1 if line >= 0 else len(told), closed=False)

    def _record(self, start: int, end: int, *, closed: bool = True) -> Record:
        whole = self._bytes[start:end]
        content = whole.removesuffix(b"\n")
        if len(content) < len(whole):
            content = content.removesuffix(b"\r")
        return Record(self._offset + start, self._line, content, whole[len(content) :], closed)


def cells_of(record: Record, dialect: Dialect) -> list[str]:
    """The cells of a record as they stand, without their quotes."""
    text = record.content.decode(dialect.encoding)
    if '"' not in text:
        return text.split(dialect.delimiter)
    return next(csv.reader([text], delimiter=dialect.delimiter), [])


def written(cells: list[str], dialect: Dialect) -> bytes:
    """Cells as they are added to a file of this dialect; signs that its encoding lacks become question marks."""
    return dialect.delimiter.join(_quoted(cell, dialect.delimiter) for cell in cells).encode(
        dialect.encoding, "replace"
    )


def _quoted(cell: str, delimiter: str) -> str:
    if delimiter in cell or '"' in cell or "\n" in cell or "\r" in cell:
        return '"' + cell.replace('"', '""') + '"'
    return cell
