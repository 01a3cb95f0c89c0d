"""What people ask of organisations, and what they are told (REG-03, REG-06)."""

import re
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from registration_service.accounts.commands import Asked
from registration_service.contacts.domain import PRINTABLE
from registration_service.contacts.names import Name
from registration_service.organisations.domain import SHOWN, MembersSee, Organisation, fold
from registration_service.policy import BrandName

PostalCode = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=16, pattern=PRINTABLE)]
Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]


def _readable(name: str) -> str:
    if not fold(name):
        raise ValueError("a name with at least one letter or digit is expected")
    return name


def _vat(typed: str) -> str:
    number = re.sub(r"[\s.-]", "", typed).upper()
    if not re.fullmatch(r"[A-Z]{2}[A-Z0-9]{2,13}", number):
        raise ValueError("a VAT number with its country is expected, such as BE0403170701")
    return number


class CreateOrganisation(Asked):
    """An organisation that a search did not find; who creates it administers it."""

    brand: BrandName | None = None
    """Left out, the account's."""
    search_id: UUID
    """Of a search of the last 30 minutes for it."""
    none_of: tuple[UUID, ...] = Field((), max_length=SHOWN)
    """The organisations of a similar name that a refusal `organisation-exists` has named, if it is none of them."""
    name: Annotated[Name, AfterValidator(_readable)] = Field(examples=["Électro Dupont SPRL"])
    street: Name = Field(examples=["Rue Neuve 12"])
    postal_code: PostalCode = Field(examples=["1000"])
    city: Name = Field(examples=["Bruxelles"])
    country: Country = Field(examples=["BE"])
    """ISO 3166-1 alpha-2."""
    vat_number: Annotated[str, Field(max_length=32), AfterValidator(_vat)] | None = Field(
        None, examples=["BE0403170701"]
    )


class ChangeVisibility(Asked):
    """What members see beside their own files."""

    members_see: MembersSee = Field(examples=["all"])
    """`own`: each their own files; `all`: every file of the organisation. Administrators always see all."""
    organisation_id: UUID | None = None
    """Left out, the caller's own; only who may see all files names another."""


class OrganisationView(BaseModel):
    """An organisation as it is found."""

    organisation_id: UUID
    brand: str
    name: str = Field(examples=["Électro Dupont SPRL"])
    street: str = Field(examples=["Rue Neuve 12"])
    postal_code: str = Field(examples=["1000"])
    city: str = Field(examples=["Bruxelles"])
    country: str = Field(examples=["BE"])


class OwnOrganisationView(OrganisationView):
    """An organisation as its members see it."""

    vat_number: str | None = Field(examples=["BE0403170701"])
    members_see: MembersSee = Field(examples=["own"])


class SearchView(BaseModel):
    """What a search found, and its receipt."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    search_id: UUID
    """Send it when none of these is the right one and you create it."""
    items: list[OrganisationView]
    """By name, at most 20."""
    more: bool
    """Whether there are others; search for more words."""


def organisation_view(one: Organisation) -> OrganisationView:
    """As everybody of the brand sees it."""
    return OrganisationView.model_validate(one, from_attributes=True)


def own_view(one: Organisation) -> OwnOrganisationView:
    """As its members see it."""
    return OwnOrganisationView.model_validate(one, from_attributes=True)
