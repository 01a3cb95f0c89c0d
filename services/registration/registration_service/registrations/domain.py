"""When a service can no longer be registered (REG-15)."""

from datetime import date

from registration_service.policy import Offer


def too_late(offer: Offer, warranty_ends_on: date, today: date) -> bool:
    """Whether an extension comes after the last day of the standard warranty; `today` where the brand lives."""
    return offer.extends_warranty and today > warranty_ends_on
