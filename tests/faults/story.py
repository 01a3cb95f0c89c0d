"""The main job as the checker knows it: which fact follows from what, once, and after which other."""

from collections.abc import Mapping
from typing import Final

SAYS: Final[Mapping[str, tuple[tuple[str, str, str], ...]]] = {
    "/contacts": (("contact.changed", "contact_id", "contact_id"),),
    "/orders": (
        ("order.confirmed", "order_id", "order_id"),
        ("certificate.issued", "certificate_id", "certificate_id"),
        ("contact.changed", "contact_id", "buyer_id"),
    ),
    "/registrations": (
        ("product.registered", "product_id", "product_id"),
        ("certificate.redeemed", "redemption_id", "redemption_id"),
        ("contact.changed", "contact_id", "customer_id"),
    ),
    "/repair-requests": (
        ("repair.requested", "ticket_id", "ticket_id"),
        ("coverage.decided", "ticket_id", "ticket_id"),
    ),
    "/return-requests": (("return.requested", "ticket_id", "ticket_id"),),
    "/invoices": (("invoice.recorded", "invoice_id", "invoice_id"),),
}
"""Path of a command -> the events that follow from it: type, field of the event, field of the answer."""

OF_ITSELF: Final = frozenset({"offer.published"})
"""What a service says when it starts: nobody began its story, and it is no mail's cause."""

ONCE: Final[Mapping[str, tuple[str, ...]]] = {
    "offer.published": ("brand", "reference", "revision"),
    "order.confirmed": ("brand", "case_number"),
    "certificate.issued": ("order_id",),
    "product.registered": ("brand", "model", "serial"),
    "certificate.redeemed": ("redemption_id",),
    "registration.cancelled": ("redemption_id",),
    "service.activated": ("redemption_id",),
    "service.operational": ("activation_id",),
    "activation.refused": ("redemption_id",),
    "contract.opened": ("contract_id",),
    "licence.issued": ("licence_id",),
    "repair.requested": ("ticket_id",),
    "coverage.decided": ("ticket_id",),
    "received.by.service.centre": ("ticket_id",),
    "repair.finished": ("ticket_id",),
    "return.requested": ("ticket_id",),
    "return.accepted": ("ticket_id",),
    "return.refused": ("ticket_id",),
    "credit.requested": ("ticket_id",),
    "credit.issued": ("ticket_id",),
    "credit.refused": ("ticket_id",),
    "invoice.recorded": ("brand", "invoice_number"),
    "notification.sent": ("caused_by", "contact_id"),
}
"""Type -> the fields under which it may be said only once."""

AFTER: Final[Mapping[str, str]] = {
    "certificate.redeemed": "product.registered",
    "registration.cancelled": "certificate.redeemed",
    "service.operational": "service.activated",
    "coverage.decided": "repair.requested",
    "coverage.revised": "coverage.decided",
    "repair.finished": "repair.requested",
    "return.accepted": "return.requested",
    "return.refused": "return.requested",
    "credit.issued": "credit.requested",
}
"""Type -> what stands before it under the same key."""

LEADS_TO: Final[Mapping[str, tuple[str, str, tuple[str, ...]]]] = {
    "certificate.redeemed": ("activation", "redemption_id", ("service.activated", "activation.refused")),
    "activation.refused": ("registration", "redemption_id", ("registration.cancelled",)),
    "return.accepted": ("credits", "ticket_id", ("credit.requested", "credit.refused")),
}
"""Type -> the service that hears it, a common field, and the facts of which one must follow."""
