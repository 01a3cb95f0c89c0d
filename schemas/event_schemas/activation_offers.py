"""What can be bought of a brand, as the catalogue says now; on the topic `activation` (ACT-04)."""

from typing import Annotated

from pydantic import Field

from event_schemas.base import Event, Id, OpenEnum, Record

TOPIC = "activation"


class Names(Record):
    """A name in the three languages in which people read it."""

    en: str
    fr: str
    nl: str


class TransferRule(OpenEnum):
    """What becomes of a service when its product changes hands (REG-17)."""

    FOLLOWS = "follows"
    ENDS = "ends"


class OfferPublished(Event, type="offer.published", version=1, key="offer_id", topic=TOPIC):
    """A service offer as it stands from now on; the highest revision that was heard counts."""

    offer_id: Id
    revision: Annotated[int, Field(ge=1)]
    """Counts up with every change of this offer."""
    reference: str
    """What orders and certificates call it; unique within the brand."""
    names: Names
    duration_months: int
    response_level: str
    """What is bought, e.g. `on-site-next-business-day`."""
    models: tuple[str, ...]
    """Patterns of the models that it is for, in capitals: exact, or with `*`, `?`, `[…]`."""
    extends_warranty: bool = False
    """Whether it can be registered only until the last day of the standard warranty, inclusive (REG-15)."""
    code_days: int | None = None
    """Days from the purchase within which its code must be used, last day included; none: no deadline (ACT-03)."""
    terms_version: str
    """The terms that have to be accepted for it."""
    transfer: TransferRule = TransferRule.FOLLOWS
    on_sale: bool = True
    """False: no new orders; certificates that were sold can still be redeemed."""
