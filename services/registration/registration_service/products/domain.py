"""A product, what can be wrong with its numbers, and how long its standard warranty lasts (REG-13, D27, D28)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal
from uuid import UUID

from event_schemas.registration import (
    CancellationReason,
    CertificateRedeemed,
    ProductRegistered,
    RegistrationCancelled,
)
from registration_service.policy import LabelRule

RegisteredAs = Literal["end-customer", "reseller"]


@dataclass(frozen=True, slots=True)
class Misread:
    """The first character that a brand's labels cannot have."""

    character: str
    position: int
    """Counted from 1."""
    likely: str | None
    """The whole number with likely characters instead, when that makes an acceptable one."""


def canonical(typed: str) -> str:
    """A number the way labels print it: in capitals."""
    return typed.upper() if typed.isascii() else typed  # elsewhere, capitals may be more characters than were typed


def misread(typed: str, rule: LabelRule) -> Misread | None:
    """The first impossible character of a typed number, with the likely number."""
    possible = re.compile(f"[{rule.characters}]")
    for place, character in enumerate(canonical(typed)):
        if not possible.fullmatch(character):
            return Misread(typed[place], place + 1, _likely(typed, rule))
    return None


def _likely(typed: str, rule: LabelRule) -> str | None:
    meant = "".join(rule.likely.get(character, character) for character in canonical(typed))
    return meant if re.fullmatch(rule.form, meant) else None


@dataclass(frozen=True, slots=True)
class Registrant:
    """Who registers, and in which way."""

    owner: str
    organisation_id: UUID | None
    registered_as: RegisteredAs = "end-customer"
    proof_of_purchase: tuple[UUID, ...] = ()
    """Documents."""

    @property
    def subject(self) -> str:
        """Who it is, in whichever organisation."""
        return self.owner.removesuffix(f"@{self.organisation_id}")


@dataclass(frozen=True, slots=True)
class Product:
    """One physical unit and whose it is."""

    product_id: UUID
    brand: str
    model: str
    serial: str
    purchased_on: date
    warranty_ends_on: date
    customer_id: UUID
    owner: str
    organisation_id: UUID | None = None
    """The dealer's who registered it for the customer."""
    registered_as: RegisteredAs | None = None
    """None when it came to its customer by a sale, or before this was kept."""
    proof_of_purchase: Sequence[UUID] = ()
    """Documents that came when it was registered."""
    released: bool = False
    """Whether its customer let go of it, or gave it back to a lessor: then it is of whoever registers it next."""
    given_up: bool = False
    """Whether its customer took the last registration back while somebody else claimed it."""

    def known_as(self, product_id: UUID) -> "Product":
        """The same unit under the id that it has already."""
        return replace(self, product_id=product_id)

    def registered(self) -> ProductRegistered:
        """The fact that its standard warranty is known."""
        return ProductRegistered(
            brand=self.brand,
            product_id=self.product_id,
            serial=self.serial,
            model=self.model,
            purchased_on=self.purchased_on,
            warranty_ends_on=self.warranty_ends_on,
            customer_id=self.customer_id,
            organisation_id=self.organisation_id,
            registered_by=self.owner or None,
        )


@dataclass(frozen=True, slots=True)
class Running:
    """A service that a product has redeemed and that nobody took back."""

    redemption_id: UUID
    certificate_id: UUID
    service_reference: str
    customer_id: UUID
    """For whom it was redeemed; the product may be another's by now."""


@dataclass(frozen=True, slots=True)
class Redemption(Running):
    """One unit of a certificate, tied to a product."""

    product: Product
    request_id: UUID | None = None
    """The activation request whose code it was, where there was one (ACT-02)."""

    def redeemed(self) -> CertificateRedeemed:
        """The fact on which a service becomes active."""
        return CertificateRedeemed(
            brand=self.product.brand,
            product_id=self.product.product_id,
            redemption_id=self.redemption_id,
            certificate_id=self.certificate_id,
            service_reference=self.service_reference,
            serial=self.product.serial,
            model=self.product.model,
            customer_id=self.customer_id,
            request_id=self.request_id,
        )

    def cancelled(self, reason: CancellationReason) -> RegistrationCancelled:
        """The fact that the unit is on its certificate again."""
        return RegistrationCancelled(
            brand=self.product.brand,
            product_id=self.product.product_id,
            redemption_id=self.redemption_id,
            certificate_id=self.certificate_id,
            service_reference=self.service_reference,
            serial=self.product.serial,
            customer_id=self.customer_id,
            reason=reason,
        )
