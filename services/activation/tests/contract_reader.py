"""What somebody understands of contracts who only hears the facts, as tickets and the mailer do."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from event_schemas import Event
from event_schemas.activation import ActivationCancelled, ServiceActivated, ServiceEnded, ServiceExtended
from event_schemas.activation_contracts import (
    Contract,
    ContractChanged,
    ContractExpired,
    ContractExpiring,
    ContractOpened,
    ContractTerminated,
)


@dataclass
class Reader:
    """Last days of services, lines and last days of contracts."""

    services: dict[UUID, date] = field(default_factory=dict)
    lines: dict[UUID, set[UUID]] = field(default_factory=dict)
    terms: dict[UUID, tuple[date, date]] = field(default_factory=dict)
    terminated: dict[UUID, date] = field(default_factory=dict)
    reminders: set[tuple[UUID, date, int]] = field(default_factory=set)

    def hear(self, facts: Iterable[Event]) -> None:
        """Take facts to heart; AssertionError for what must never be said."""
        for fact in facts:
            if isinstance(fact, ServiceActivated | ServiceExtended | ServiceEnded):
                self._hear_of_service(fact)
            elif isinstance(fact, ActivationCancelled):
                del self.services[fact.activation_id]
            elif isinstance(fact, Contract):
                self._hear_of_contract(fact)

    def _hear_of_service(self, fact: ServiceActivated | ServiceExtended | ServiceEnded) -> None:
        last = fact.ended_on if isinstance(fact, ServiceEnded) else fact.ends_on
        if isinstance(fact, ServiceExtended):
            assert fact.previous_ends_on == self.services[fact.activation_id] < last
        self.services[fact.activation_id] = last

    def _hear_of_contract(self, fact: Contract) -> None:
        assert fact.starts_on <= fact.ends_on
        key, lines = fact.contract_id, self.lines.setdefault(fact.contract_id, set())
        self.terms[key] = fact.starts_on, fact.ends_on
        if isinstance(fact, ContractOpened):
            assert not lines
            lines |= {line.activation_id for line in fact.lines}
        elif isinstance(fact, ContractChanged):
            lines |= {line.activation_id for line in fact.added}
            lines -= {line.activation_id for line in fact.removed}
        elif isinstance(fact, ContractTerminated):
            assert key not in self.terminated or fact.last_billable_on < self.terminated[key]
            self.terminated[key] = fact.last_billable_on
        elif isinstance(fact, ContractExpiring | ContractExpired):
            assert key not in self.terminated, "a contract that ends by notice is neither expiring nor expired"
        if isinstance(fact, ContractExpiring):
            days = next(days for days in (7, 30, 90) if fact.days_left <= days)
            assert (key, fact.ends_on, days) not in self.reminders, "a reminder of a term is said once"
            self.reminders.add((key, fact.ends_on, days))
