"""Services that somebody asks for by code: what they type, and what it has to look like (ACT-02, L06–L08, L15)."""

import hashlib
import re
from datetime import date
from typing import Annotated, Final
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, SecretStr, StringConstraints

from activation_service.policy import Reference
from activation_service.products.naming import Label
from activation_service.sites.domain import PRINTABLE, Address
from chassis.days import Day

MOST: Final = 50
FIRST_DAY: Final = date(1990, 1, 1)


def _trace(code: SecretStr) -> str:
    """Sixteen bits of a code: enough to tell another body under the same key, too few to find the code again.

    The whole code in a command's fingerprint could be found by trying: the rest of the body is in the database.
    """
    return hashlib.sha256(code.get_secret_value().encode("utf-8", "replace")).hexdigest()[:4]


TypedCode = Annotated[SecretStr, PlainSerializer(_trace, return_type=str), Field(examples=["FC7KQ3MXT9WA"])]
PurchaseDay = Annotated[Day, Field(ge=FIRST_DAY)]
SiteNumber = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40, pattern=PRINTABLE)]


class TypedAddress(BaseModel):
    """Where a product stands, as somebody typed it."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    street: str = Field(examples=["Kerkstraat 12 bus 3"])
    postal_code: str = Field("", examples=["9000"])
    city: str = Field(examples=["Gent"])
    country: str = Field(examples=["BE"])
    """ISO 3166-1 alpha-2."""


class TypedItem(BaseModel):
    """A service for one product as somebody typed it; what is wrong with it is said in its own outcome."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    product_id: str | None = Field(None, examples=["0199a3c4-7b10-7005-8a5e-4d1f6c2b0005"])
    serial: str | None = Field(None, examples=["9H0123456X"])
    """Instead of `product_id`; with `model` where several products have the serial number."""
    model: str | None = Field(None, examples=["PT5B1E-0K601"])
    service_reference: str = Field(examples=["PPCP013FR-VGAD"])
    """One of the offers that `GET /products/{product_id}` shows as applicable."""
    terms_version: str | None = Field(None, examples=["2026-01"])
    """The offer's current terms, accepted by giving their version here."""
    code: TypedCode
    """From the mail to the buyer; it goes to the registration service and is not kept."""
    purchased_on: str = Field(examples=["2026-11-20"])
    """Day on which the service was bought, YYYY-MM-DD."""
    site_number: str = Field(examples=["S-7KQ2-M9XA"])
    """Where the service is to be given, as `POST /sites` answered."""
    product_address: TypedAddress
    """Where the product stands; compared with the site's address."""


class RequestActivation(BaseModel):
    """One to fifty services for registered products of one brand, each with its own outcome."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    brand: Annotated[str, Field(min_length=1, max_length=40, examples=["dynabook"])]
    items: Annotated[list[TypedItem], Field(min_length=1, json_schema_extra={"maxItems": MOST})]


class AskedItem(BaseModel):
    """A service for one product in the form that it has to have; the code is looked at apart."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    product_id: UUID | None = None
    serial: Label | None = None
    model: Label | None = None
    service_reference: Reference
    terms_version: Annotated[str, Field(max_length=40)] | None = None
    purchased_on: PurchaseDay
    site_number: SiteNumber
    product_address: Address


def code_typed(item: TypedItem) -> str | None:
    """The code without blanks around it; None when it cannot be one."""
    code = item.code.get_secret_value().strip()
    return code if re.fullmatch(r"[!-~]{4,64}", code) else None
