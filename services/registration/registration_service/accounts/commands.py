"""What people ask of accounts, and what they are told (REG-01, REG-02, REG-05)."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, EmailStr, Field, StringConstraints

from registration_service.accounts.domain import Account, Role, State
from registration_service.accounts.passwords import Password
from registration_service.contacts.domain import PRINTABLE
from registration_service.contacts.names import without_link
from registration_service.policy import BrandName, Language

PartOfName = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=59, pattern=PRINTABLE),
    AfterValidator(without_link),
]
Phone = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=32, pattern=PRINTABLE)]
Code = Annotated[str, StringConstraints(min_length=1, max_length=16)]
Token = Annotated[str, StringConstraints(min_length=1, max_length=64)]
NewPassword = Annotated[Password, Field(examples=["a ladder under seven plums"], repr=False)]
"""12 to 128 characters of any kind; not the address and not one of the commonest."""


class Asked(BaseModel):
    """A body; unknown fields are mistakes."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class SignUp(Asked):
    """An address that wants an account at a brand."""

    brand: BrandName
    email: EmailStr = Field(examples=["camille.martin@example.com"])
    language: Language = Field(examples=["fr"])
    """Of the mail with the code, and of the account until its profile says otherwise."""


class Resend(Asked):
    """One more mail for a sign-up."""

    sign_up_id: UUID


class ProveAddress(Asked):
    """The code, with the sign-up that it belongs to, or the token of the link."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"sign_up_id": "019a8f3e-2b7c-7d41-9c55-0a1b2c3d4e5f", "code": "482913"}]}
    )

    sign_up_id: UUID | None = None
    code: Code | None = Field(None, examples=["482913"], repr=False)
    """Six digits; blanks between them do no harm."""
    token: Token | None = Field(None, examples=["kq3Zr0Yw1h2m5c8T9uVxNg"], repr=False)
    """From the link in the mail."""


class CompleteProfile(Asked):
    """Who the person is, and the password of the account."""

    first_name: PartOfName = Field(examples=["Camille"])
    last_name: PartOfName = Field(examples=["Martin"])
    phone: Phone = Field(examples=["01 70 18 99 00"])
    """In any spelling; without a country code it is a number of the brand's country."""
    password: NewPassword
    password_confirmation: Annotated[str, Field(max_length=128, examples=["a ladder under seven plums"], repr=False)]
    """The password once more."""
    language: Language | None = Field(None, examples=["fr"])
    """Left out, it stays that of the sign-up."""
    keep_me_informed: bool = Field(True, strict=True)
    """Default for mails that one may do without (S48)."""
    declares: Literal["end-customer"] | None = None
    """`end-customer`: the account is at work at once. Left out, it needs an organisation (REG-03)."""


class ChangeProfile(Asked):
    """What is new; what is left out stays as it is."""

    first_name: PartOfName | None = Field(None, examples=["Camille"])
    last_name: PartOfName | None = Field(None, examples=["Martin"])
    phone: Phone | None = Field(None, examples=["+33 1 70 18 99 00"])
    language: Language | None = Field(None, examples=["nl"])
    keep_me_informed: bool | None = Field(None, strict=True)
    declares: Literal["end-customer"] | None = None
    """`end-customer`: from now on at work without an organisation; only while there is none."""


class SignUpView(BaseModel):
    """The same whether or not the address has an account."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    sign_up_id: UUID
    """Send it with the code."""
    expires_at: datetime
    """When code and link end."""


class LinkView(BaseModel):
    """Whether a link is still good; looking uses nothing up."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    good: bool
    method: Literal["POST"] = "POST"
    path: str = Field(examples=["/verifications"])
    """Where the token is sent, as `{"token": …}`."""


class ProfileView(BaseModel):
    """Everything that is known of an account, but its password."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    account_id: UUID
    brand: str
    email: str = Field(examples=["camille.martin@example.com"])
    state: State = Field(examples=["active"])
    """`verified`: owns the address; `pending`: waits for an organisation's approval; `active`: at work."""
    role: Role | None = Field(examples=["dealer-member"])
    """Null until the account is active; a token has the role `applicant` until then. An end customer who waits for an
    organisation goes on as one."""
    organisation_id: UUID | None
    first_name: str = Field(examples=["Camille"])
    last_name: str = Field(examples=["Martin"])
    phone: str | None = Field(examples=["+33170189900"])
    """E.164."""
    language: str = Field(examples=["fr"])
    keep_me_informed: bool
    has_password: bool
    """False until the profile is complete."""
    version: int = Field(examples=[3])
    """As in the ETag."""
    changed_at: datetime


def profile_of(account: Account) -> ProfileView:
    """An account as its holder sees it."""
    return ProfileView(
        account_id=account.account_id,
        brand=account.brand,
        email=account.email,
        state=account.state,
        role=account.role,
        organisation_id=account.organisation_id,
        first_name=account.first_name,
        last_name=account.last_name,
        phone=account.phone,
        language=account.language,
        keep_me_informed=account.keep_me_informed,
        has_password=account.complete,
        version=account.version,
        changed_at=account.changed_at,
    )
