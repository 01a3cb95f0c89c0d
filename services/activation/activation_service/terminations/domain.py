"""When a contract can end before its term: notice by the calendar, months and their ends included (ACT-11, I20…I22)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

from dateutil.relativedelta import relativedelta

from activation_service.contracts.domain import Contract, Line
from activation_service.policy import Contracts, Notice, Offer
from chassis.calendar import last_day
from event_schemas.activation_contracts import Party

PARTIES: Final = (Party.CUSTOMER, Party.VENDOR)
Why = Literal["notice", "minimum_term", "term", "breach_only", "over"]
"""What an earliest end follows from: the notice alone; the notice, which counts only once the minimum term is complete;
the term, which is over by then; or it is for breach only; or all is over already."""


@dataclass(frozen=True, slots=True)
class Exit:
    """The earliest end by notice of one party."""

    last_billable_on: date | None
    """Last day that is charged, inclusive; None: this party cannot end it by notice."""
    right_arises_on: date | None
    """First day on which this party's notice counts; None where no notice does."""
    why: Why


def earliest_end(under_contract_since: date, notice: Notice | None, noticed_on: date, term_ends_on: date) -> Exit:
    """The earliest last billable day when notice is given on a day of the calendar (ACT-11).

    A notice of n months ends with the day of the same number n months later, or with that month's last day where there
    is no such number (Regulation (EEC, Euratom) No 1182/71, article 3). Given before the minimum term is complete, it
    counts from the first day after that. Nothing ends later than its term, whose last day is `term_ends_on`, inclusive.
    """
    if noticed_on > term_ends_on:
        return Exit(term_ends_on, None, "over")
    if notice is None:
        return Exit(None, None, "breach_only")
    right = last_day(under_contract_since, notice.minimum_months) + timedelta(days=1)
    ends_on = max(noticed_on, right) + relativedelta(months=notice.months)
    if ends_on >= term_ends_on:
        return Exit(term_ends_on, right, "term")
    return Exit(ends_on, right, "notice" if noticed_on >= right else "minimum_term")


def strictest(exits: Iterable[Exit]) -> Exit:
    """The latest of some ends; one of which there is none by notice leaves no notice to all. Raises ValueError on none.

    Of ends on the same day it is that one whose right arises last.
    """
    return max(exits, key=lambda each: (each.last_billable_on or date.max, each.right_arises_on or date.max))


def notice_of(party: Party, offer: Offer | None, contracts: Contracts) -> Notice | None:
    """A party's notice for a service: its offer's own where it has one, else the brand's."""
    name = "customer_notice" if party is Party.CUSTOMER else "vendor_notice"
    own: Notice | None = getattr(offer, name) if offer else None
    brands: Notice | None = getattr(contracts, name)
    return own or brands


@dataclass(frozen=True, slots=True)
class Terms:
    """What a contract says of its end: its lines, and its brand's rules and its offers as they stand."""

    contract: Contract
    lines: Sequence[Line]
    """Those that still run, also those that are going."""
    offers: Mapping[str, Offer | None]
    """By reference; None for one that the brand does not have any more."""
    rules: Contracts

    @property
    def staying(self) -> Sequence[Line]:
        """The lines that nobody has taken out."""
        return [line for line in self.lines if line.removed_on is None]

    def last_day(self, line: Line) -> date:
        """The last billable day of a line as things stand, inclusive."""
        return min(self.contract.last_day, line.removed_on or date.max)

    def notice(self, party: Party, line: Line) -> Notice | None:
        """A party's notice for a line."""
        return notice_of(party, self.offers.get(line.service_reference), self.rules)

    def exit_of_line(self, party: Party, line: Line, noticed_on: date) -> Exit:
        """The earliest end of a line alone: its minimum term counts from the day it came in."""
        return earliest_end(line.added_on, self.notice(party, line), noticed_on, self.last_day(line))

    def exit(self, party: Party, noticed_on: date) -> Exit:
        """The earliest end of the whole contract: its minimum term counts from its first day; the strictest counts."""
        notices = [self.notice(party, line) for line in self.staying or self.lines]
        since, until = self.contract.opened_on, self.contract.last_day
        return strictest(
            earliest_end(since, notice, noticed_on, until) for notice in notices or [notice_of(party, None, self.rules)]
        )
