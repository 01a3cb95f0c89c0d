"""The form in which an activation request is shown (ACT-02, ACT-05)."""

from datetime import date
from typing import Any
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from activation_service.requests.domain import State
from activation_service.sites.domain import Address


class ItemProblem(BaseModel):
    """Why an item was refused, in the reader's language."""

    code: str = Field(examples=["terms-outdated"])
    title: str = Field(examples=["Other terms are in force"])
    detail: str = Field(
        examples=["The terms of this service are those of version 2026-01, not 2025-07; read and accept that version."]
    )
    pointer: str = Field(examples=["/items/0/terms_version"])
    """JSON pointer into the request."""
    value: Any = Field(examples=["2025-07"])
    accepted: Any = Field(examples=["2026-01"])


class RunningView(BaseModel):
    """The service that covers the product already, as it stood when the item was refused."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    activation_id: UUID
    state: str = Field(examples=["operational"])
    activated_at: AwareDatetime
    operational_at: AwareDatetime
    ends_on: date
    """Last day, inclusive."""
    contract_number: str | None = Field(examples=["DL-2026-000042"])


class OfferChoice(BaseModel):
    """An offer that is for the product."""

    reference: str = Field(examples=["PPCP013FR-VGAD"])
    name: str = Field(examples=["Pack Pro Connect 3 years"])
    terms_version: str = Field(examples=["2026-01"])


class ReviewView(BaseModel):
    """Both addresses side by side, where they differ; a person looks at them before the service is activated."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    site_address: Address | None
    """Of the site, when the service was asked for; null for those who may see every file but no site."""
    product_address: Address | None
    """Where the product stands, as the sender said; null for the same."""
    differences: list[str] = Field(examples=[["street", "postal_code"]])
    """Parts that differ; `country` also when a move has brought the product to another one than its site's."""
    released: bool | None = Field(examples=[None])
    """Null as long as nobody has decided."""
    reviewed_at: AwareDatetime | None = Field(examples=[None])
    reason: str | None = Field(examples=[None])
    """Of a refusal, as staff wrote it."""


class ItemView(BaseModel):
    """One service for one product."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    item_id: UUID
    position: int = Field(examples=[0])
    """Place in the request, from 0."""
    state: State = Field(examples=["presented"])
    """`presented`: its code is being looked at; `held`: the code was good, a person looks at the addresses."""
    product_id: UUID | None
    serial: str | None = Field(examples=["9H0123456X"])
    model: str | None = Field(examples=["PT5B1E-0K601"])
    service_reference: str = Field(examples=["PPCP013FR-VGAD"])
    service_name: str = Field(examples=["Pack Pro Connect 3 years"])
    """In the reader's language."""
    terms_version: str | None = Field(examples=["2026-01"])
    """The version that was accepted."""
    terms_accepted_at: AwareDatetime | None
    purchased_on: date | None = Field(examples=["2026-11-20"])
    site_number: str | None = Field(examples=["S-7KQ2-M9XA"])
    activation_id: UUID | None
    """The service, once it is activated: `GET /activations/{activation_id}`."""
    problem: ItemProblem | None = None
    """Only of a refused one."""
    running: RunningView | None = None
    applicable_offers: list[OfferChoice] | None = None
    """What the product can have, where the offer that was chosen does not fit."""
    review: ReviewView | None = None
    waiting_since: AwareDatetime | None
    """Of one that is presented or held; an answer is taken into account however late it comes."""
    waiting_hours: int | None = Field(examples=[0])
    """Whole hours since then."""
    settled_at: AwareDatetime | None
    """Since when it is activated, held, refused or cancelled."""


class RequestView(BaseModel):
    """What became of each service that was asked for, in the order of the request."""

    request_id: UUID
    brand: str = Field(examples=["dynabook"])
    requested_at: AwareDatetime
    presented: int = Field(examples=[1])
    held: int = Field(examples=[0])
    activated: int = Field(examples=[0])
    refused: int = Field(examples=[0])
    cancelled: int = Field(examples=[0])
    items: list[ItemView]
