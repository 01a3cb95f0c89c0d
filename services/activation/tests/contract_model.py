"""What ought to become of contracts, in memory and as short as possible; days only, no SQL and no library of dates."""

from calendar import monthrange
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

Day = date
ONE = timedelta(days=1)
SETUP = timedelta(days=2)
TERMINATED, OVER, EMPTY = "contract-terminated", "contract-over", "contract-empty"


def months_after(day: Day, months: int) -> Day:
    """The same day so many months later, or that month's last."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def term_end(first: Day, months: int) -> Day:
    same = months_after(first, months)
    return same - ONE if same.day == first.day else same


@dataclass(frozen=True)
class Rules:
    """A brand's: services with their months, which of them follow a sold product, windows and notices."""

    brand: str
    model: str
    months: dict[str, int]
    follows: str
    before: int
    after: int
    anew: bool
    customer: tuple[int, int] = (1, 6)
    vendor: tuple[int, int] = (3, 12)
    reminders: tuple[int, ...] = (90, 30, 7)

    def due(self, ends: Day, today: Day) -> int | None:
        return min((days for days in self.reminders if ends - timedelta(days=days) <= today), default=None)


@dataclass
class Service:
    """A service as it can be seen: until when, and which contract it is a line of."""

    product: int
    reference: str
    starts: Day
    ends: Day
    contract: UUID
    customer: int
    unit: UUID | None = None
    state: str = "live"


@dataclass
class Line:
    added: Day
    removed: Day | None = None
    cancelled: bool = False


@dataclass
class Contract:
    origin: tuple[Any, ...]
    customer: int
    opened: Day
    starts: Day
    ends: Day
    reminded: int | None
    state: str = "active"
    by: str | None = None
    no_lines: bool = False
    last_billable: Day | None = None
    lines: dict[UUID, Line] = field(default_factory=dict)

    @property
    def last(self) -> Day:
        return self.last_billable or self.ends

    @property
    def live(self) -> list[UUID]:
        return [service for service, line in self.lines.items() if line.removed is None]

    def runs(self, today: Day) -> bool:
        return self.state == "active" and self.last_billable is None and today <= self.ends

    def exit(self, notice: tuple[int, int], since: Day, today: Day, until: Day) -> Day:
        """The earliest last billable day of a notice given today."""
        right = term_end(since, notice[1]) + ONE
        return min(until, months_after(max(today, right), notice[0]))


@dataclass
class World:
    """Products with whose they are, services, contracts; `today` at noon."""

    rules: Rules
    today: Day
    owners: list[int | None]
    services: dict[UUID, Service] = field(default_factory=dict)
    contracts: dict[UUID, Contract] = field(default_factory=dict)

    def running(self, product: int, reference: str, but_for: UUID | None = None) -> bool:
        return any(
            (one.product, one.reference) == (product, reference) and one.state != "cancelled" and one.ends >= self.today
            for key, one in self.services.items()
            if key != but_for
        )

    def joinable(self, origin: tuple[Any, ...], customer: int, ends: Day, first: Day | None = None) -> UUID | None:
        """The contract with that origin from today, or another day, to that day."""
        for key, one in self.contracts.items():
            same = (one.origin, one.customer, one.opened, one.ends) == (origin, customer, first or self.today, ends)
            if same and origin and one.state == "active" and one.last_billable is None:
                return key
        return None

    def open(self, key: UUID, origin: tuple[Any, ...], customer: int, ends: Day, first: Day | None = None) -> None:
        reminded, first = self.rules.due(ends, self.today), first or self.today
        self.contracts.setdefault(key, Contract(origin, customer, first, first, ends, reminded))

    def start(self, key: UUID, contract: UUID, product: int, reference: str, unit: UUID | None = None) -> None:
        under = self.contracts[contract]
        self.services[key] = Service(product, reference, self.today, under.ends, contract, under.customer, unit)
        self.contracts[contract].lines[key] = Line(self.today)

    def end_service(self, key: UUID, last: Day, *, gone: bool = False) -> Day | None:
        """Its last day when it ends early on that day: at once if its product has gone before its set-up is over."""
        one = self.services[key]
        if one.state == "cancelled" or one.ends <= last:
            return None
        one.ends = min(last, self.today) if gone and last < one.starts + SETUP else last
        one.state = "ended"
        return one.ends

    def take_out(self, key: UUID, last: Day | None) -> None:
        """Its line leaves its contract, which ends with the last one; None: it never counted."""
        contract = self.contracts[self.services[key].contract]
        line = contract.lines[key]
        line.removed = max(line.added, min(last or self.today, contract.last, line.removed or date.max))
        line.cancelled |= last is None
        ending = contract.state == "active" and (contract.runs(self.today) or contract.no_lines)
        if ending and not contract.live:
            counted = [one.removed for one in contract.lines.values() if one.removed and not one.cancelled]
            last_day = min(contract.last, max(counted, default=self.today))
            if last_day == contract.last_billable:
                return
            contract.no_lines, contract.last_billable = True, last_day
            if contract.last_billable < self.today or not counted:
                contract.state = "terminated"

    def transfer(self, product: int, buyer: int | None, last_billable: Day) -> list[tuple[UUID, UUID]]:
        """Services follow or end; returns those that follow, with the contract that they leave."""
        seller, self.owners[product] = self.owners[product], buyer
        going: list[tuple[UUID, UUID]] = []
        for key, one in self.services.items():
            if (one.product, one.state, one.customer) != (product, "live", seller):
                continue
            if buyer is None or one.reference != self.rules.follows:
                if (ended := self.end_service(key, last_billable, gone=True)) is not None:
                    self.take_out(key, ended)
                continue
            one.customer = buyer
            if one.ends >= self.today:  # whatever is agreed about its contract, it goes on until then
                going.append((key, one.contract))
        return going

    def following(self, key: UUID) -> tuple[Day, Day | None]:
        """The buyer's first day, and the former customer's last; None: theirs had not begun."""
        one = self.services[key]
        added = self.contracts[one.contract].lines[key].added
        return (added, None) if added > self.today else (min(self.today + ONE, one.ends), self.today)

    def follow(self, key: UUID, contract: UUID, buyer: int) -> None:
        """A service is a line of the buyer's contract, which may be a new one."""
        one = self.services[key]
        former, (first, last) = one.contract, self.following(key)
        self.take_out(key, last)
        self.open(contract, ("follows", former), buyer, one.ends, first)
        one.contract = contract
        self.contracts[contract].lines[key] = Line(first)

    def kept(self, contract: Contract) -> list[UUID]:
        """Lines whose product and service are still the customer's."""
        services = [(key, self.services[key]) for key in contract.live]
        return [key for key, one in services if contract.customer == one.customer == self.owners[one.product]]

    def renewal(self, contract: Contract, months: int | None) -> str | tuple[Day, Day]:
        """Why it cannot be renewed today, or the first and last day of the new term."""
        if contract.state == "terminated" or contract.last_billable is not None:
            return TERMINATED
        if self.today < contract.ends - timedelta(days=self.rules.before):
            return "renewal-too-early"
        if self.today > contract.ends + timedelta(days=self.rules.after):
            return "renewal-too-late"
        kept = self.kept(contract)
        if any(self.running(self.services[key].product, self.services[key].reference, key) for key in kept):
            return "service-covered-already"
        if not kept:
            return EMPTY
        late = self.rules.anew and self.today > contract.ends
        first = self.today if late else contract.ends + ONE
        last = term_end(first, months or max(self.rules.months[self.services[key].reference] for key in kept))
        return (first, last) if last >= self.today else "renewal-over-already"

    def renew(self, contract: Contract, term: tuple[Day, Day]) -> list[UUID]:
        """The new term; returns the services that have to start anew."""
        kept, before, seamless = self.kept(contract), contract.ends, term[0] == contract.ends + ONE
        if self.rules.anew and self.today > before:
            seamless = False
        for key in contract.live:
            if key not in kept or not seamless:
                contract.lines[key].removed = max(contract.lines[key].added, before)
            else:
                self.services[key].ends = term[1]
        contract.starts, contract.ends, contract.state = *term, "active"
        contract.reminded = self.rules.due(contract.ends, self.today)
        return [] if seamless else kept

    def termination(self, contract: Contract, by: str, breach: bool) -> str | Day:
        """Why it cannot be ended today, or its last billable day."""
        if contract.state != "active" or self.today > contract.last:
            return OVER
        if contract.last_billable is not None and not breach and by == contract.by:
            return "termination-stands"
        notice = self.rules.customer if by == "customer" else self.rules.vendor
        last = self.today if breach else contract.exit(notice, contract.opened, self.today, contract.last)
        return "termination-stands" if last == contract.last_billable else last

    def terminate(self, contract: Contract, by: str, last: Day) -> None:
        contract.by, contract.last_billable, contract.no_lines = by, last, False
        for key, line in contract.lines.items():
            if not line.cancelled and (line.removed is None or line.removed > last):
                self.end_service(key, last)

    def removal(self, contract: Contract, key: UUID, breach: bool) -> str | Day:
        """Why a live line cannot be taken out today, or its last billable day."""
        if contract.state != "active" or self.today > contract.last:
            return OVER
        added = contract.lines[key].added
        last = self.today if breach else contract.exit(self.rules.customer, added, self.today, contract.last)
        if contract.last_billable is not None and last == contract.last:
            return "termination-stands"
        return last if len(contract.live) > 1 else "contract-would-be-empty"

    def remove(self, key: UUID, last: Day) -> None:
        self.take_out(key, self.end_service(key, last) or last)

    def fire(self) -> tuple[set[tuple[UUID, Day, int]], set[UUID]]:
        """What timers say at noon of today: reminders as (contract, end, days left), and contracts that expire."""
        reminders, expired = set(), set()
        for key, one in self.contracts.items():
            due = self.rules.due(one.ends, self.today)
            if one.runs(self.today) and due is not None and (one.reminded is None or due < one.reminded):
                one.reminded = due
                reminders.add((key, one.ends, (one.ends - self.today).days))
            if one.state == "active" and self.today > one.last:
                one.state = "expired" if one.last_billable is None else "terminated"
                if one.state == "expired":
                    expired.add(key)
        return reminders, expired
