"""The copy of a contract as PDF: the same bytes for the same contract, language and moment (ACT-09)."""

from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Final

from fpdf import FPDF
from fpdf.enums import TableBordersLayout, XPos, YPos
from fpdf.fonts import FontFace

from activation_service.copies.domain import Copy, CoveredLine
from activation_service.copies.words import Words

_FONTS: Final = Path(__file__).with_name("fonts")
_FONT: Final = "copy"
_SMALL, _NORMAL, _LARGE, _TITLE = 8, 9.5, 12, 18
"""Sizes in points."""
_MARGIN: Final = 12
_COLUMNS: Final = {
    "serial": 36,
    "model": 38,
    "service": 62,
    "level": 50,
    "site": 24,
    "terms": 23,
    "first": 20,
    "last": 20,
}
"""Widths in millimetres of a page that lies."""
_GREY, _RULE, _SHADE, _INK = (95, 95, 95), (190, 190, 190), (240, 240, 240), (20, 20, 20)
_HEADINGS: Final = FontFace(emphasis="BOLD", fill_color=_SHADE, color=_INK)


class _Sheets(FPDF):
    """Pages with the contract's number at the top from the second on, and moment and page at the bottom of all."""

    def __init__(self, copy: Copy, words: Words) -> None:
        super().__init__(orientation="landscape", format="A4")
        self._copy, self._say = copy, partial(words.say, "frame")
        moment = copy.printed_at.astimezone(copy.zone)
        self._printed = self._say("printed", day=copy.printed_on, time=f"{moment:%H:%M}", zone=copy.zone.key)
        self.set_margin(_MARGIN)
        self.set_auto_page_break(True, margin=_MARGIN + 6)
        for style, file in (("", "DejaVuSansCondensed.ttf"), ("B", "DejaVuSansCondensed-Bold.ttf")):
            self.add_font(_FONT, style, _FONTS / file)

    def header(self) -> None:
        if self.page_no() == 1:
            return
        self._write(self._say("continued", number=self._copy.number), _SMALL, _GREY)
        self.ln(2)

    def footer(self) -> None:
        self.set_y(-_MARGIN - 2)
        self.set_font(_FONT, size=_SMALL)
        self.set_text_color(_GREY)
        self.cell(0, text=self._printed)
        self.set_x(_MARGIN)
        self.cell(0, text=self._say("page", page=self.page_no(), pages=self.str_alias_nb_pages), align="R")

    def _write(self, text: str, size: float, colour: tuple[int, int, int] = _INK, style: str = "") -> None:
        self.set_font(_FONT, style, size)
        self.set_text_color(colour)
        self.multi_cell(0, text=text, new_x=XPos.LMARGIN, new_y=YPos.NEXT, align="L")

    def heading(self, text: str) -> None:
        """A heading that does not stay behind at the foot of a page."""
        if self.will_page_break(24):
            self.add_page()
        self.ln(4)
        self._write(text, _LARGE, style="B")
        self.ln(1.5)

    def paragraph(self, text: str, style: str = "") -> None:
        """Text over the whole width."""
        self._write(text, _NORMAL, style=style)
        self.ln(1)

    def masthead(self) -> None:
        """Whose contract it is, and that this is a copy."""
        self._write(self._copy.brand, _NORMAL, _GREY)
        self.ln(0.8)
        self._write(self._say("title", number=self._copy.number), _TITLE, style="B")
        self._write(self._say("kind"), _NORMAL, _GREY)
        self.ln(3)

    def facts(self, facts: Iterable[tuple[str, str]]) -> None:
        """Names and what they stand for, side by side."""
        for name, fact in facts:
            self.set_font(_FONT, size=_NORMAL)
            self.set_text_color(_GREY)
            self.cell(50, text=name)
            self.set_text_color(_INK)
            self.multi_cell(0, text=fact, new_x=XPos.LMARGIN, new_y=YPos.NEXT, align="L")
            self.ln(0.8)

    def covered(self, lines: Iterable[CoveredLine], headings: Iterable[str]) -> None:
        """The table of what is covered; its headings stand on each page."""
        self.set_font(_FONT, size=_SMALL)
        self.set_text_color(_INK)
        self.set_draw_color(_RULE)
        with self.table(
            col_widths=tuple(_COLUMNS.values()),
            headings_style=_HEADINGS,
            borders_layout=TableBordersLayout.HORIZONTAL_LINES,
            text_align="LEFT",
            line_height=4.4,
            padding=0.8,
        ) as table:
            table.row(tuple(headings))
            for line in lines:
                days = (line.first_day.isoformat(), line.last_day.isoformat())
                table.row(
                    (line.serial, line.model, line.service, line.level, line.site_number, line.terms_version, *days)
                )


def render(copy: Copy, words: Words, language: str) -> bytes:
    """A PDF on A4 that lies; takes about a second for 500 lines."""
    sheets = _Sheets(copy, words)
    sheets.set_creation_date(copy.printed_at)
    sheets.set_title(words.say("frame", "title", number=copy.number))
    sheets.set_author(copy.brand)
    sheets.set_lang(language)
    sheets.add_page()
    sheets.masthead()
    sheets.facts(_facts(copy, words))
    _covered(sheets, copy, words)
    if copy.additional:
        sheets.heading(words.say("additional", "heading"))
    for service, terms in copy.additional:
        sheets.paragraph(service, style="B")
        sheets.paragraph(terms)
    if copy.open_ended:
        sheets.heading(words.say("ending", "heading"))
        for paragraph in words.ending(copy):
            sheets.paragraph(paragraph)
    sheets.ln(3)
    sheets.paragraph(words.say("frame", "questions", email=copy.email))
    return bytes(sheets.output())


def _facts(copy: Copy, words: Words) -> Iterable[tuple[str, str]]:
    name = partial(words.say, "facts")
    yield name("customer"), str(copy.customer_id)
    yield name("opened"), words.day(copy.opened_on)
    yield name("term"), name("span", first=copy.starts_on, last=copy.ends_on)
    yield name("state"), words.state(copy)


def _covered(sheets: _Sheets, copy: Copy, words: Words) -> None:
    name = partial(words.say, "lines")
    sheets.heading(name("heading", count=len(copy.lines)))
    if copy.lines:
        sheets.covered(copy.lines, [name(column) for column in _COLUMNS])
    else:
        sheets.paragraph(name("none"))
