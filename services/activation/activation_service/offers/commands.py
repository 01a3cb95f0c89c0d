"""What staff may say of the catalogue, and what they are shown of it (ACT-04)."""

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool

from activation_service.offers.domain import Listed
from activation_service.policy import (
    CodeDays,
    Countries,
    Duration,
    Models,
    Notice,
    Offer,
    Part,
    ResponseLevel,
    Software,
    Texts,
    Version,
)

EXAMPLE: Final[dict[str, Any]] = {
    "reference": "PPCP024FR-VGAD",
    "name": {"en": "Pack Pro Connect 2 years", "fr": "Pack Pro Connect 2 ans", "nl": "Pack Pro Connect 2 jaar"},
    "duration_months": 24,
    "response_level": "on-site-next-business-day",
    "models": ["PT*", "X40-[A-F]?"],
    "terms_version": "2026-01",
}
UNSAID: Final[Any] = Field(default_factory=lambda: None)
"""Default of what is not sent; null counts only where the offer itself may have none."""
Brand = Annotated[str, Field(max_length=40, examples=["dynabook"])]


class PublishOffer(Offer):
    """A new offer of a brand."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"brand": "dynabook", **EXAMPLE}]})

    brand: Brand

    @property
    def offer(self) -> Offer:
        """What is offered, as the catalogue keeps it."""
        return Offer.model_validate(self.model_dump(exclude={"brand"}))


class ChangeOffer(Part):
    """What is to be otherwise from now on; a field that is not sent stays as it is."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"brand": "dynabook", "duration_months": 30, "terms_version": "2026-11"}]}
    )

    brand: Brand
    name: Texts = UNSAID
    duration_months: Duration = UNSAID
    response_level: ResponseLevel = UNSAID
    models: Models = UNSAID
    extends_warranty: StrictBool = UNSAID
    code_days: CodeDays | None = UNSAID
    terms_version: Version = UNSAID
    transfer: Literal["follows", "ends"] = UNSAID
    countries: Countries | None = UNSAID
    customer_notice: Notice | None = UNSAID
    vendor_notice: Notice | None = UNSAID
    additional_terms: Texts | None = UNSAID
    software: tuple[Software, ...] = UNSAID
    on_sale: Literal[True] = UNSAID
    """Put an offer that was withdrawn on sale again."""


class WithdrawOffer(Part):
    """An offer is not sold any more; what was sold can still be used."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"brand": "dynabook"}]})

    brand: Brand


class OfferView(BaseModel):
    """An offer as it stands."""

    model_config = ConfigDict(
        use_attribute_docstrings=True,
        json_schema_extra={
            "examples": [
                EXAMPLE
                | {
                    "brand": "dynabook",
                    "offer_id": "3b9e2f5c-7d0a-5c43-9f3e-8a1d2b4c6e70",
                    "revision": 1,
                    "on_sale": True,
                }
                | {"name": "Pack Pro Connect 2 years", "names": EXAMPLE["name"], "transfer": "follows"}
                | {"extends_warranty": False, "code_days": None, "countries": None, "customer_notice": None}
                | {"vendor_notice": None, "additional_terms": None, "software": []}
            ]
        },
    )

    brand: str
    reference: str
    offer_id: str
    revision: int
    on_sale: bool
    """False: no new orders; certificates that were sold can still be redeemed."""
    name: str
    """In the language of `Accept-Language`."""
    names: Texts
    duration_months: int
    response_level: str
    models: tuple[str, ...]
    """Patterns: `*` stands for any characters, `?` for one, `[…]` for one of those."""
    extends_warranty: bool
    code_days: int | None
    """Days from the purchase within which its code must be used, last day included; null: no deadline (ACT-03)."""
    terms_version: str
    """The terms to be accepted for it (ACT-02)."""
    transfer: Literal["follows", "ends"]
    countries: tuple[str, ...] | None
    customer_notice: Notice | None
    vendor_notice: Notice | None
    additional_terms: str | None
    """In the language of `Accept-Language`."""
    software: tuple[Software, ...]


def view_of(listed: Listed, language: str) -> OfferView:
    """An offer for a reader of a language."""
    offer = listed.offer
    return OfferView(
        **offer.model_dump(exclude={"name", "additional_terms"}),
        brand=listed.brand,
        offer_id=str(listed.offer_id),
        revision=listed.revision,
        on_sale=listed.on_sale,
        name=offer.name.speak(language),
        names=offer.name,
        additional_terms=offer.additional_terms.speak(language) if offer.additional_terms else None,
    )


def etag_of(listed: Listed, language: str) -> str:
    """Changes whenever the offer does; each language is another answer."""
    return f'"{listed.revision}-{language}"'
