"""What activation says of contracts, disputes and licences; on the topic `activation` (ACT-09…ACT-13)."""

from datetime import date
from typing import Annotated

from pydantic import Field

from event_schemas.base import Event, Id, Money, OpenEnum, Record, Serial

TOPIC = "activation"


class ContractLine(Record):
    """One service on one product."""

    activation_id: Id
    product_id: Id
    serial: Serial
    model: str
    service_reference: str


class Contract(Event):
    """What the facts of a contract share."""

    contract_id: Id
    contract_number: str
    customer_id: Id
    starts_on: date
    """First day of the current term."""
    ends_on: date
    """Last day of the current term, inclusive."""
    agreed: bool = False
    """Opened by agreement, not by certificates: it tells its customer of its services."""


class ContractOpened(Contract, type="contract.opened", version=1, key="contract_id", topic=TOPIC):
    """A customer has a contract for services on their products, all of which end on the same day."""

    lines: Annotated[tuple[ContractLine, ...], Field(min_length=1, max_length=500)]


class ContractChanged(Contract, type="contract.changed", version=1, key="contract_id", topic=TOPIC):
    """Lines came in or went out; the services on them say so themselves, with their days."""

    added: tuple[ContractLine, ...] = ()
    removed: tuple[ContractLine, ...] = ()
    removed_until: date | None = None
    """Where the customer took several out at once: the latest of their last days, inclusive (ACT-10)."""


class ContractRenewed(Contract, type="contract.renewed", version=1, key="contract_id", topic=TOPIC):
    """A contract has another term."""

    previous_ends_on: date
    seamless: bool
    """True: its services went on or go on without a gap; False: they start anew with this term."""


class ContractExpiring(Contract, type="contract.expiring", version=1, key="contract_id", topic=TOPIC):
    """A contract ends in so many days unless it is renewed; said once for each reminder of a term."""

    days_left: int
    renewable_until: date
    """Last day on which it can be renewed, inclusive."""


class ContractExpired(Contract, type="contract.expired", version=1, key="contract_id", topic=TOPIC):
    """The last day of a contract is over."""

    renewable_until: date | None = None
    """Last day on which it can still be renewed, inclusive; none: it cannot."""


class Party(OpenEnum):
    """Who ends a contract."""

    CUSTOMER = "customer"
    VENDOR = "vendor"


class TerminationReason(OpenEnum):
    """Why a contract ends before its term: by notice, for the other party's breach, or with its last line."""

    NOTICE = "notice"
    BREACH = "breach"
    NO_LINES = "no_lines"


class ContractTerminated(Contract, type="contract.terminated", version=1, key="contract_id", topic=TOPIC):
    """A contract ends before its term, on a day that may be to come; its services say their last day themselves."""

    by: Party | None
    """None when its last line went."""
    reason: TerminationReason
    noticed_on: date
    last_billable_on: date
    """Last day that is charged, inclusive; the contract covers to its end."""


class DisputeOpened(Event, type="dispute.opened", version=1, key="dispute_id", topic=TOPIC):
    """A customer contests that a product is not covered; what they say and prove stays in activation (ACT-13)."""

    dispute_id: Id
    product_id: Id
    serial: Serial
    model: str
    customer_id: Id
    ticket_id: Id | None = None
    """The repair about which they were told so."""


class DisputeDecision(OpenEnum):
    """Whether the product was covered after all."""

    COVERED = "covered"
    NOT_COVERED = "not_covered"
    WITHDRAWN = "withdrawn"


class DisputeDecided(Event, type="dispute.decided", version=1, key="dispute_id", topic=TOPIC):
    """Staff have decided a coverage dispute, or the customer withdrew it; the reason goes to the customer by mail."""

    dispute_id: Id
    product_id: Id
    serial: Serial
    model: str
    customer_id: Id
    ticket_id: Id | None = None
    decision: DisputeDecision
    covered_from: date | None = None
    """Where covered: first and last day for which that is acknowledged, inclusive."""
    covered_until: date | None = None
    activation_id: Id | None = None
    """The service that covers it, where one does."""


class Licence(Event):
    """What the facts of a licence share; its key is shown to its holder only (ACT-12)."""

    licence_id: Id
    product_id: Id
    serial: Serial
    customer_id: Id
    software: str
    """Reference of the software, e.g. `DAP-CONTROLLER`."""
    activation_id: Id | None = None
    """The service that maintains it."""


class LicenceIssued(Licence, type="licence.issued", version=1, key="licence_id", topic=TOPIC):
    """A licence key is there for its holder."""

    maintained_until: date


class LicenceMaintenanceLapsed(Licence, type="licence.maintenance.lapsed", version=1, key="licence_id", topic=TOPIC):
    """No upgrades and no support any more; what was released until then stays the holder's to download."""

    lapsed_on: date
    """First day without maintenance."""
    reinstatable_until: date | None = None
    """Last day on which it can be taken up again for a fee, inclusive; after it a new licence is needed."""


class LicenceMaintenanceReinstated(
    Licence, type="licence.maintenance.reinstated", version=1, key="licence_id", topic=TOPIC
):
    """Maintenance was taken up again after a lapse."""

    maintained_until: date
    fee: Money
