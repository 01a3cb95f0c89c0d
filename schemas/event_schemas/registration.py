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
    purchased_on: date | None = None
    """Day of purchase in the brand's time zone: from here the code's days count (ACT-03)."""
    usable_until: date | None = None
    """Last day on which the code can be used, inclusive; none beside a day of purchase: it never lapses (ACT-03)."""


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
    registered_by: str | None = None
    """Whose file it is, as other services know them: an account, a member in an organisation, or a server."""


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
    request_id: Id | None = None
    """The activation request whose code it was, where there was one (ACT-02)."""


class CodeRefusal(OpenEnum):
    """Why a code that was given for a product is not redeemed."""

    UNKNOWN = "unknown"
    USED_UP = "used_up"
    LAPSED = "lapsed"
    OTHER_SERVICE = "other_service"
    SERVICE_WITHDRAWN = "service_withdrawn"
    """The brand does not give the code's service any more."""
    MODEL_NOT_COVERED = "model_not_covered"
    ALREADY_COVERED = "already_covered"
    STANDARD_WARRANTY_OVER = "standard_warranty_over"
    PRODUCT_UNKNOWN = "product_unknown"
    PRODUCT_CONTESTED = "product_contested"


class CodeRefused(Event, type="code.refused", version=1, key="product_id"):
    """A code is not redeemed; nothing has changed (ACT-02)."""

    request_id: Id
    product_id: Id
    serial: Serial
    service_reference: str
    customer_id: Id
    reason: CodeRefusal


class CancellationReason(OpenEnum):
    """Why a registration was taken back."""

    ACTIVATION_REFUSED = "activation_refused"
    ACTIVATION_CANCELLED = "activation_cancelled"
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
