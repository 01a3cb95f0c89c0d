"""What anybody may know of a brand, in a reader's language (POL-03)."""

from collections.abc import Iterable
from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from registration_service.offers.domain import Offer
from registration_service.policy import Contacts, LabelRule, Policy


class ContactsView(BaseModel):
    """Where people turn to."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    requests: str = Field(examples=["sav@carri.com"])
    """The one mail address for requests and complaints."""
    dealer_line: str | None = Field(examples=[None])
    """Mail address for dealers who cannot sign up or in."""
    hotline: str | None = Field(examples=["01.48.97.32.32"])
    """Telephone number."""
    support_hours: str | None = Field(
        examples=["Monday to Friday, 9:00 to 12:15 and 13:30 to 18:00, except on public holidays"]
    )

    @classmethod
    def of(cls, contacts: Contacts, language: str) -> Self:
        """The contacts with the hours in a language."""
        hours = contacts.support_hours
        return cls(**{**contacts.model_dump(), "support_hours": hours.speak(language) if hours else None})


class LabelView(BaseModel):
    """What a number on a product's label looks like."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    form: str = Field(examples=["[0-9A-Z-]{8,12}"])
    """As a regular expression that the whole number matches, in capitals."""
    shortest: int = Field(examples=[8])
    longest: int = Field(examples=[12])
    likely: dict[str, str] = Field(examples=[{" ": "-", "_": "-"}])
    """Impossible character -> what is probably meant; an empty text when the character has to go."""
    hint: str | None = Field(examples=["On the label at the back of the case: 8 to 12 letters and digits"])
    """Where the number is found, as far as the brand says so."""

    @classmethod
    def of(cls, rule: LabelRule, hint: str | None) -> Self:
        """A rule with its hint."""
        likely = dict(rule.likely)
        return cls(form=rule.form, shortest=rule.shortest, longest=rule.longest, likely=likely, hint=hint)


class ServiceView(BaseModel):
    """A service that the brand sells."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    reference: str = Field(examples=["CARRI-SITE-36"])
    name: str = Field(examples=["On-site warranty 3 years"])
    models: list[str] = Field(examples=[["CRT-*", "HPC-*", "NAS-*"]])
    """Patterns of the models that it covers: `*` stands for any characters, `?` for one."""
    extends_warranty: bool = Field(examples=[True])
    """Whether it can be registered only until the last day of the standard warranty, inclusive."""


class BrandView(BaseModel):
    """A brand: what a front end needs to know before anybody signs in."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    brand: str = Field(examples=["carri"])
    policy_version: str = Field(examples=["2026-11-22"])
    """Day of the last change of the brand's rules."""
    languages: list[str] = Field(examples=[["fr", "nl", "en"]])
    """In which the brand writes to people; ISO 639-1, the first one before all."""
    time_zone: str = Field(examples=["Europe/Paris"])
    """Where it is decided which day is today."""
    contacts: ContactsView
    serial: LabelView
    model: LabelView
    services: list[ServiceView]
    """On sale, by reference; none as long as the catalogue has not been heard."""

    @classmethod
    def of(cls, policy: Policy, offers: Iterable[Offer], language: str) -> Self:
        """The public part of a policy, and what the brand sells at present."""
        services = [
            ServiceView(
                reference=offer.reference,
                name=offer.name_in(language),
                models=list(offer.models),
                extends_warranty=offer.extends_warranty,
            )
            for offer in offers
            if offer.on_sale
        ]
        return cls(
            brand=policy.brand,
            policy_version=policy.version,
            languages=list(policy.languages),
            time_zone=policy.time_zone,
            contacts=ContactsView.of(policy.contacts, language),
            serial=LabelView.of(policy.serial, policy.serial_hint.speak(language)),
            model=LabelView.of(policy.model, None),
            services=services,
        )


class Brands(BaseModel):
    """Every brand, by name."""

    items: list[BrandView]
