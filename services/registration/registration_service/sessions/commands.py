"""What people send to sign in and out and about their passwords, and what they are told (REG-05)."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, EmailStr, Field

from registration_service.accounts.commands import Asked, Code, NewPassword, Token
from registration_service.policy import BrandName

AnyPassword = Annotated[str, Field(max_length=128, examples=["a ladder under seven plums"], repr=False)]
RefreshToken = Annotated[
    str, Field(max_length=128, examples=["pVwJ9x1mQv6cW0sT4nR8yB2kL5hD7fG3aZ6eX1uC9oM"], repr=False)
]


class SignIn(Asked):
    """An address and its password."""

    brand: BrandName
    email: EmailStr = Field(examples=["camille.martin@example.com"])
    password: AnyPassword


class Refresh(Asked):
    """The refresh token of the last answer; it is used up."""

    refresh_token: RefreshToken


class SignOut(Asked):
    """Any refresh token of the session."""

    refresh_token: RefreshToken


class AskReset(Asked):
    """An address whose password is forgotten."""

    brand: BrandName
    email: EmailStr = Field(examples=["camille.martin@example.com"])


class CompleteReset(Asked):
    """The token of the link, or brand, address and code; and a new password."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "token": "kq3Zr0Yw1h2m5c8T9uVxNg",
                    "password": "a ladder under seven plums",
                    "password_confirmation": "a ladder under seven plums",
                }
            ]
        }
    )

    token: Token | None = Field(None, examples=["kq3Zr0Yw1h2m5c8T9uVxNg"], repr=False)
    """From the link in the mail."""
    brand: BrandName | None = None
    email: EmailStr | None = Field(None, examples=["camille.martin@example.com"])
    code: Code | None = Field(None, examples=["482913"], repr=False)
    """From the mail."""
    password: NewPassword
    password_confirmation: AnyPassword


class ChangePassword(Asked):
    """The password of now and a new one."""

    current_password: AnyPassword
    password: NewPassword
    password_confirmation: AnyPassword


class TokensView(BaseModel):
    """What opens the other operations, and how to get more of it."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    access_token: str = Field(examples=["eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl"], repr=False)
    """ES256 JWT; its claims name role, scopes, brand, organisation and contact."""
    token_type: Literal["Bearer"] = "Bearer"
    expires_in: int = Field(examples=[600])
    """Seconds of the access token."""
    refresh_token: RefreshToken
    """Good for one `POST /sessions/refresh` within 30 days."""
    account_id: UUID
    role: str = Field(examples=["dealer-member"])
    """`applicant` until the account is active."""


class DoneView(BaseModel):
    """The same whatever was found."""

    done: Literal[True] = True


class PasswordChangedView(BaseModel):
    """All sessions are over; sign in with the new password."""

    changed_at: datetime


class KeysView(BaseModel):
    """JSON Web Key Set (RFC 7517) with the public keys."""

    keys: list[dict[str, Any]] = Field(
        examples=[
            [{"kty": "EC", "crv": "P-256", "kid": "2026-11", "alg": "ES256", "use": "sig", "x": "f83O…", "y": "x_FE…"}]
        ]
    )
