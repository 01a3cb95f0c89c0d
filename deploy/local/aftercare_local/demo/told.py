"""How the demo looks: a numbered step, the command, the events with place and time, the mail."""

import time
from collections.abc import Mapping

from aftercare_local.cli.shown import escape, out
from aftercare_local.demo.watch import Heard

WIDTH = 28


class Teller:
    """Prints one step after another; times count from the step's command."""

    def __init__(self) -> None:
        self._number, self._began, self.start = 0, 0.0, time.monotonic()

    def step(self, title: str, *, goes_on: bool = False) -> None:
        """A new step; one that goes on by itself counts its times from the command of the step before."""
        self._number += 1
        self._began = self._began if goes_on else time.monotonic()
        out.print(f"\n[bold]{self._number}. {escape(title)}[/]")

    def command(self, service: str, method: str, path: str, status: int, answer: Mapping[str, object]) -> None:
        shown = ", ".join(f"{name} {value}" for name, value in answer.items() if value not in (None, [], ""))
        out.print(f"   [cyan]{method} {path}[/] → {service} [green]{status}[/] [dim]{self._after()}[/]")
        if shown:
            out.print(f"     [dim]{escape(shown)}[/]")

    def event(self, heard: Heard, *fields: str) -> None:
        place = f"{heard.topic} {heard.partition}@{heard.offset}"
        values = "  ".join(f"{name}=[bold]{escape(_short(heard.data.get(name)))}[/]" for name in fields)
        out.print(f"   [magenta]● {heard.kind:{WIDTH}}[/] [dim]{place:20} {self._after(heard.at)}[/] {values}")

    def mail(self, to: str, language: str, subject: str) -> None:
        out.print(f"   [yellow]✉ {language}[/] {escape(subject)} [dim]→ {to} {self._after()}[/]")

    def heard_outside(self, who: str, line: str) -> None:
        out.print(f"   [blue]◀ {who}[/] {escape(line)}")

    def note(self, text: str) -> None:
        out.print(f"   [dim]{escape(text)}[/]")

    def done(self) -> float:
        """Seconds since the first step."""
        return time.monotonic() - self.start

    def _after(self, at: float | None = None) -> str:
        return f"+{((at or time.monotonic()) - self._began) * 1000:.0f} ms"


def _short(value: object) -> str:
    text = f"{value['amount']} {value['currency']}" if isinstance(value, dict) and "amount" in value else str(value)
    return text if len(text) <= 60 else text[:59] + "…"
