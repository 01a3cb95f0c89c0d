"""The words of a copy, in the reader's language (ACT-09)."""

import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Final

from activation_service.copies.domain import Copy, Rule

_FOLDER: Final = Path(__file__).with_name("words")


class Words:
    """One language's texts and how it writes days and spans."""

    def __init__(self, texts: Mapping[str, Any]) -> None:
        self._texts = texts

    def say(self, part: str, name: str, **blanks: object) -> str:
        """A text with its blanks filled in; days are written out."""
        told = {key: self.day(blank) if isinstance(blank, date) else blank for key, blank in blanks.items()}
        text: str = self._texts[part][name]
        return text.format_map(told)

    def day(self, day: date) -> str:
        """A day with its month in words."""
        text: str = self._texts["day"]
        number = self._texts["first"] if day.day == 1 else day.day
        return text.format(day=number, month=self._texts["months"][day.month - 1], year=day.year)

    def months(self, count: int) -> str:
        """So many months."""
        text: str = self._texts["one_month" if count == 1 else "some_months"]
        return text.format(count=count)

    def state(self, copy: Copy) -> str:
        """Whether the contract is in force, and if not, or not for long, since or until when and why."""
        if copy.ended is None:
            return self.say("states", copy.state, last=copy.last_day)
        by, reason, noticed_on = copy.ended
        name = {"notice": f"noticed_by_{by}", "breach": f"breach_by_{by}"}.get(reason, "no_lines")
        return self.say("states", name, noticed=noticed_on, last=copy.last_day)

    def ending(self, copy: Copy) -> Iterator[str]:
        """The paragraphs about ending the contract before its term (ACT-11)."""
        yield from (self._rule(rule) for rule in copy.rules)
        if any(rule.notice for rule in copy.rules):
            yield self.say("ending", "counting")
        yield self.say("ending", "breach")
        for party, told in copy.exits:
            if told.last_billable_on and told.why != "over":
                name = "term" if told.why == "term" else "today"
                yield self.say("ending", f"{name}_{party}", today=copy.printed_on, last=told.last_billable_on)

    def _rule(self, rule: Rule) -> str:
        if rule.notice is None:
            return self.say("ending", f"never_{rule.party}")
        name = f"{rule.party}_service" if rule.service else rule.party.value
        may = self.say("ending", name, service=rule.service, notice=self.months(rule.notice.months))
        minimum = rule.notice.minimum_months
        return may + (
            self.say("ending", "after_minimum", minimum=self.months(minimum))
            if minimum
            else self.say("ending", "at_any_time")
        )


@cache
def words_in(language: str) -> Words:
    """The words of `en`, `fr` or `nl`."""
    return Words(tomllib.loads((_FOLDER / f"{language}.toml").read_text(encoding="utf-8")))
