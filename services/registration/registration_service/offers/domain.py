"""An offer, and what it asks of a product and of a day (REG-15, ACT-03, ACT-04)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from fnmatch import fnmatchcase
from typing import Final

from chassis.transact import Refusal

RETRY_SECONDS: Final = 5
"""Within so many activation has published its catalogue, once it is up."""


class CatalogueUnknown(Exception):
    """What a brand sells has not been heard yet, so that nothing can be decided about it; it passes by itself."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A service that the brand sells, or has sold."""

    brand: str
    reference: str
    name_en: str
    name_fr: str
    name_nl: str
    models: tuple[str, ...]
    """Patterns (`*`, `?`, `[…]`) of the models that it covers, in capitals."""
    extends_warranty: bool
    """Whether it can be registered only until the last day of the standard warranty, inclusive (REG-15)."""
    code_days: int | None
    """Days from the purchase within which its certificates can be used, last day included; none: no deadline."""
    on_sale: bool
    """False: no new orders; what was sold is honoured."""

    def name_in(self, language: str) -> str:
        """Its name in a language; in English when it is none of the three."""
        return {"fr": self.name_fr, "nl": self.name_nl}.get(language, self.name_en)

    def covers(self, model: str) -> bool:
        """Whether it may be redeemed for a model (canonical)."""
        return any(fnmatchcase(model, pattern) for pattern in self.models)

    def usable_until(self, purchased_on: date) -> date | None:
        """The last day for certificates of an order, inclusive; None without a deadline (ACT-03)."""
        if self.code_days is None:
            return None
        latest = (date.max - purchased_on).days
        return purchased_on + timedelta(days=min(self.code_days, latest))

    def too_late(self, warranty_ends_on: date, today: date) -> bool:
        """Whether an extension comes after the last day of the standard warranty; `today` where the brand lives."""
        return self.extends_warranty and today > warranty_ends_on


Offers = Mapping[str, Offer]
"""All offers of a brand, by reference; empty as long as nothing has been heard of them."""


@dataclass(frozen=True, slots=True)
class Names:
    """What services are called in a reader's language."""

    offers: Mapping[tuple[str, str], Offer]
    """By brand and reference."""
    language: str

    def of(self, brand: str, reference: str) -> str:
        """A service's name; its reference when it was sold once and is in no catalogue any more."""
        offer = self.offers.get((brand, reference))
        return offer.name_in(self.language) if offer else reference


def catalogue_unknown() -> Refusal:
    """The refusal of what cannot be decided before a brand's offers are known; it passes by itself."""
    return Refusal("catalogue-unknown", 503, details={"retry_after_seconds": RETRY_SECONDS})
