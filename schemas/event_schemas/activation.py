"""What activation says: services that run, or may not (ACT-01, ACT-07)."""

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


class ActivationRefusal(OpenEnum):
    """Why a redeemed certificate does not become a service."""

    OFFER_UNKNOWN = "offer_unknown"
    MODEL_NOT_COVERED = "model_not_covered"


class ActivationRefused(Event, type="activation.refused", version=1, key="product_id"):
    """The service cannot run on this product; registration gives the unit back."""

    product_id: Id
    redemption_id: Id
    serial: Serial
    service_reference: str
    customer_id: Id
    reason: ActivationRefusal


class EndReason(OpenEnum):
    """Why a service ends."""

    TRANSFER = "transfer"


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
