"""Private, kept one day: a code on its way from whoever typed it to registration, which knows codes (ACT-02)."""

from datetime import date

from pydantic import AwareDatetime

from event_schemas.base import Event, Id, Serial


class CodePresented(Event, type="code.presented", version=1, key="product_id"):
    """Somebody wants a service on a registered product and gives the code for it.

    Registration answers on its own topic: `CertificateRedeemed` or `CodeRefused`, with the same `request_id`.
    """

    request_id: Id
    """This one product of an activation request."""
    product_id: Id
    serial: Serial
    customer_id: Id
    """Whose the product was when the code was given."""
    service_reference: str
    """The offer that was chosen and whose terms were accepted."""
    code: str
    purchased_on: date
    """Day on which the service was bought, as the sender says."""
    presented_at: AwareDatetime
    owner: str
    """Who asks, as files name them; and for which organisation."""
    organisation_id: Id | None = None
