"""What activation says of services: that they run, from when, until when, or may not (ACT-01…ACT-07, ACT-14)."""

from datetime import date

from pydantic import AwareDatetime

from event_schemas.base import Event, Id, OpenEnum, Serial


class ServiceActivated(Event, type="service.activated", version=1, key="product_id"):
    """A service is active for one product; logistics have until `operational_at` to set it up."""

    activation_id: Id
    product_id: Id
    redemption_id: Id
    serial: Serial
    service_reference: str
    service_name: str
    response_level: str
    """What was bought, e.g. `on-site-next-business-day`."""
    customer_id: Id
    activated_at: AwareDatetime
    operational_at: AwareDatetime
    """End of the logistic set-up; `ServiceOperational` follows then, never before."""
    ends_on: date
    """Last day of the service, inclusive."""
    model: str | None = None
    site_number: str | None = None
    """Where it is given; the address is asked for at activation's API (ACT-05)."""
    contract_id: Id | None = None
    contract_number: str | None = None
    """The contract that it is a line of (ACT-09)."""
    terms_version: str | None = None
    """Which terms were accepted, where somebody accepted some (ACT-02)."""
    request_id: Id | None = None
    """The activation request that asked for it, where there was one (ACT-02)."""
    agreed: bool = False
    """Brought by a contract that was agreed, not by a code: the contract tells its customer (ACT-09)."""


class ServiceOperational(Event, type="service.operational", version=1, key="product_id"):
    """The logistic set-up is over; the service can be called on."""

    activation_id: Id
    product_id: Id
    serial: Serial
    service_reference: str
    service_name: str
    response_level: str
    customer_id: Id
    operational_at: AwareDatetime
    ends_on: date
    site_number: str | None = None
    contract_number: str | None = None
    agreed: bool = False
    """As `ServiceActivated` says it."""


class ServiceExtended(Event, type="service.extended", version=1, key="product_id"):
    """A service goes on to a later day than was said before: its contract was renewed without a gap (ACT-10)."""

    activation_id: Id
    product_id: Id
    redemption_id: Id
    serial: Serial
    service_reference: str
    service_name: str
    customer_id: Id
    previous_ends_on: date
    ends_on: date
    """Last day, inclusive; the latest one that is said counts."""


class SiteAssigned(Event, type="site.assigned", version=1, key="product_id"):
    """A service is given at this site from now on (ACT-05)."""

    activation_id: Id
    product_id: Id
    serial: Serial
    customer_id: Id
    site_number: str | None
    """None: its site is not known any more, because the product moved."""


class ActivationRefusal(OpenEnum):
    """Why a redeemed certificate does not become a service."""

    OFFER_UNKNOWN = "offer_unknown"
    MODEL_NOT_COVERED = "model_not_covered"
    ADDRESS_NOT_CONFIRMED = "address_not_confirmed"
    COUNTRY_NOT_COVERED = "country_not_covered"
    ALREADY_COVERED = "already_covered"
    PRODUCT_PASSED_ON = "product_passed_on"


class ActivationRefused(Event, type="activation.refused", version=1, key="product_id"):
    """The service cannot run on this product; registration gives the unit back."""

    product_id: Id
    redemption_id: Id
    serial: Serial
    service_reference: str
    customer_id: Id
    reason: ActivationRefusal
    request_id: Id | None = None
    """The activation request that asked for it, where there was one (ACT-02)."""


class Hold(Event):
    """What the facts of a review share."""

    request_id: Id
    product_id: Id
    redemption_id: Id
    serial: Serial
    service_reference: str
    service_name: str
    customer_id: Id
    site_number: str


class ActivationHeld(Hold, type="activation.held", version=1, key="product_id"):
    """The product does not stand where its site is: somebody looks at both addresses first."""


class ActivationReleased(Hold, type="activation.released", version=1, key="product_id"):
    """The review is over and the service may be activated: `ServiceActivated` follows (ACT-05)."""


class ActivationCancelled(Event, type="activation.cancelled", version=1, key="product_id"):
    """A service was activated in error: it never counted, and its unit goes back to the certificate (ACT-14)."""

    activation_id: Id
    product_id: Id
    redemption_id: Id
    serial: Serial
    service_reference: str
    service_name: str
    customer_id: Id


class EndReason(OpenEnum):
    """Why a service ends; `removal`: it was taken out of a contract that goes on."""

    TRANSFER = "transfer"
    MOVE = "move"
    TERMINATION = "termination"
    REMOVAL = "removal"


class ServiceEnded(Event, type="service.ended", version=1, key="product_id"):
    """A service ends on this product before its time; until its last day it goes on.

    One that is still set up goes on likewise: `ServiceOperational` follows when its moment falls on the last day or
    before, in the brand's time zone. When the last day is earlier, it never becomes operational and covers nothing.
    """

    activation_id: Id
    product_id: Id
    redemption_id: Id
    serial: Serial
    service_reference: str
    service_name: str
    customer_id: Id
    """Whose service it was."""
    ended_on: date
    """Last day, inclusive."""
    reason: EndReason
    together: bool = False
    """Taken out of its contract at once with others: `ContractChanged` tells the customer of all (ACT-10)."""


class CodeDeadline(Event):
    """What the facts of a code's deadline share; the code itself is in the buyer's mailbox only."""

    certificate_id: Id
    order_id: Id
    buyer_id: Id
    """Whom to write to."""
    case_number: str
    service_reference: str
    service_name: str
    units_left: int
    purchased_on: date
    lapses_on: date
    """Last day on which it can be used, inclusive."""


class CodeLapsing(CodeDeadline, type="code.lapsing", version=1, key="certificate_id"):
    """A code that still has units can be used for a few more days only (ACT-03)."""


class CodeLapsed(CodeDeadline, type="code.lapsed", version=1, key="certificate_id"):
    """A code that still had units cannot be used any more (ACT-03)."""
