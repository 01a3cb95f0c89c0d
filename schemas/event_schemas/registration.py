"""What registration says: orders, products, certificates (REG-08, REG-09, REG-12)."""

from datetime import date

from event_schemas.base import Event, Id, OpenEnum, Serial


class OrderConfirmed(Event, type="order.confirmed", version=1, key="order_id"):
    """A purchase of n times one service offer is confirmed; one certificate with n units exists for it."""

    order_id: Id
    case_number: str
    """The seller's own number of the order."""
    service_reference: str
    """Reference of the service offer, e.g. `PPCP013FR-VGAD`."""
    service_name: str
    quantity: int
    """Number of units on the certificate."""
    certificate_id: Id
    """Opaque: the certificate's number travels only to its buyer."""
    buyer_id: Id
    """Whom to write to; resolved through the private topic `contacts`."""


class ProductRegistered(Event, type="product.registered", version=1, key="product_id"):
    """One physical unit is registered for a customer; its standard warranty is known."""

    product_id: Id
    serial: Serial
    model: str
    purchased_on: date
    """Day of purchase: the standard warranty starts here."""
    warranty_ends_on: date
    """Last day of the standard warranty, inclusive."""
    customer_id: Id
    organisation_id: Id | None = None
    """The dealer's organisation that registered it on the customer's behalf."""


class CertificateRedeemed(Event, type="certificate.redeemed", version=1, key="product_id"):
    """One unit of a certificate is tied to one serial number."""

    product_id: Id
    redemption_id: Id
    """This one unit, once; a refusal names it to give the unit back."""
    certificate_id: Id
    service_reference: str
    serial: Serial
    model: str
    customer_id: Id


class CancellationReason(OpenEnum):
    """Why a registration was taken back."""

    ACTIVATION_REFUSED = "activation_refused"
    CUSTOMER_REQUEST = "customer_request"
    CONTEST_SETTLED = "contest_settled"


class RegistrationCancelled(Event, type="registration.cancelled", version=1, key="product_id"):
    """A redemption is taken back; its unit is on the certificate again."""

    product_id: Id
    redemption_id: Id
    certificate_id: Id
    service_reference: str
    serial: Serial
    customer_id: Id
    reason: CancellationReason
