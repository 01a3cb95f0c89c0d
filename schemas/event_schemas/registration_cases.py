"""What registration says of contested, transferred and moved products; on the topic `registration` (REG-16…18)."""

from datetime import date

from pydantic import AwareDatetime

from event_schemas.base import Event, Id, OpenEnum, Serial
from event_schemas.registration_accounts import Country

TOPIC = "registration"


class RegistrationContested(Event, type="registration.contested", version=1, key="product_id", topic=TOPIC):
    """Somebody claims a product that is registered for another customer; both may bring evidence, staff settle it."""

    product_id: Id
    contest_id: Id
    serial: Serial
    model: str
    holder_id: Id
    """The customer for whom the product is registered."""
    claimant_id: Id
    """The customer who claims it too."""


class ContestDecision(OpenEnum):
    """Whose the product is."""

    HOLDER_KEEPS = "holder_keeps"
    CLAIMANT_GETS = "claimant_gets"
    WITHDRAWN = "withdrawn"


class ContestSettled(Event, type="contest.settled", version=1, key="product_id", topic=TOPIC):
    """A contest is over; where the claimant gets the product, the facts of its new registration follow."""

    product_id: Id
    contest_id: Id
    serial: Serial
    model: str
    holder_id: Id
    claimant_id: Id
    decision: ContestDecision


class TransferKind(OpenEnum):
    """Why a product changes hands."""

    LEASE_RETURN = "lease_return"
    SALE = "sale"


class TransferReported(Event, type="transfer.reported", version=1, key="product_id", topic=TOPIC):
    """A product will change hands, or has; `ProductTransferred` follows when the day has come."""

    product_id: Id
    transfer_id: Id
    serial: Serial
    model: str
    kind: TransferKind
    customer_id: Id
    """Whose the product is until then."""
    transferred_on: date
    last_billable_on: date
    """Last day charged to that customer, inclusive: their notice has run out by then."""


class ProductTransferred(Event, type="product.transferred", version=1, key="product_id", topic=TOPIC):
    """A product is another customer's, or the lessor's again; its services follow or end by their own rule."""

    product_id: Id
    transfer_id: Id
    serial: Serial
    model: str
    kind: TransferKind
    from_customer_id: Id
    to_customer_id: Id | None = None
    """None when a leased product went back and nobody uses it."""
    transferred_on: date
    takes_effect_on: date | None = None
    """From the start of this day, in the brand's time zone; later than `transferred_on` when it was reported late, or
    waited for a contest."""
    last_billable_on: date
    """Last day charged to the former customer, inclusive."""
    redemption_ids: tuple[Id, ...] = ()
    """The units of certificates whose services were the product's when it changed hands: these follow or end."""
    organisation_id: Id | None = None
    registered_by: str | None = None
    """Whose file it is from now on, as in `ProductRegistered`."""


class TransferWithdrawn(Event, type="transfer.withdrawn", version=1, key="product_id", topic=TOPIC):
    """A reported transfer does not take place: it was withdrawn, or the product is somebody else's by then."""

    product_id: Id
    transfer_id: Id
    serial: Serial
    model: str
    customer_id: Id
    """For whom it was reported."""


class Move(Event):
    """What the facts of a cross-border move share; addresses stay in registration's database."""

    product_id: Id
    move_id: Id
    serial: Serial
    model: str
    customer_id: Id
    from_country: Country
    to_country: Country


class MoveRequested(Move, type="move.requested", version=1, key="product_id", topic=TOPIC):
    """A product shall move to another country; nothing happens before it is assessed and approved."""


class MoveAssigned(Move, type="move.assigned", version=1, key="product_id", topic=TOPIC):
    """Somebody assesses the move."""

    assigned_at: AwareDatetime


class MoveApproved(Move, type="move.approved", version=1, key="product_id", topic=TOPIC):
    """The move may be executed."""


class MoveRefused(Move, type="move.refused", version=1, key="product_id", topic=TOPIC):
    """The move may not be executed; the reason goes to the customer by mail."""


class MoveWithdrawn(Move, type="move.withdrawn", version=1, key="product_id", topic=TOPIC):
    """The move is not wanted any more."""


class MoveExecuted(Move, type="move.executed", version=1, key="product_id", topic=TOPIC):
    """The product stands in the other country."""

    executed_on: date
