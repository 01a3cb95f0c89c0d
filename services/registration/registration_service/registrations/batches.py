"""Several products of one customer in one go, each with its own outcome (REG-12)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from chassis.caller import Caller
from chassis.database import Tx
from chassis.http.problems import Phrased, refusal_of
from chassis.outbox import listed
from chassis.transact import Accepted, Refusal, attempt
from event_schemas import Event
from registration_service.certificates.domain import as_issued
from registration_service.contacts.handlers import Person, unacceptable
from registration_service.contests.handlers import ContestView
from registration_service.offers.domain import Offers, catalogue_unknown
from registration_service.offers.handlers import offers_of
from registration_service.policy import BrandName
from registration_service.products.domain import RegisteredAs, canonical
from registration_service.products.handlers import queue
from registration_service.registrations.handlers import RegisterProduct, register_product
from registration_service.registrations.views import RegistrationView

MOST: Final = 50


REGISTERED: Final[dict[str, Any]] = {
    "position": 0,
    "outcome": "registered",
    "registration": {
        "product_id": "0199a3c4-7b10-7005-8a5e-4d1f6c2b0005",
        "redemption_id": "019a8f3e-2b7c-7d41-9c55-0a1b2c3d4b01",
        "certificate_id": "0199a3c4-7b10-7002-8a5e-4d1f6c2b0002",
        "serial": "9H0123456X",
        "model": "PT5B1E-0K601",
        "service_reference": "PPCP013FR-VGAD",
        "warranty_ends_on": "2027-11-19",
        "customer_id": "0199a3c4-7b10-7004-8a5e-4d1f6c2b0004",
        "units_left": 2,
    },
    "contest": None,
    "problem": None,
}
PROBLEM: Final[dict[str, Any]] = {
    "code": "serial-malformed",
    "title": "Not a serial number of this brand",
    "detail": "The character “S” at position 9 is in no serial number of this brand. Accepted would be: 9H0123455X.",
    "pointer": "/products/0/serial",
    "value": "9H012345SX",
    "accepted": "9H0123455X",
}
REFUSED: Final = {"position": 0, "outcome": "refused", "registration": None, "contest": None, "problem": PROBLEM}
ALL_REFUSED: Final = {"registered": 0, "contested": 0, "refused": 1, "outcomes": [REFUSED]}


class TypedProduct(BaseModel):
    """One product as somebody typed it; what is wrong with it is said in its own outcome, not of the whole."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    serial: str = Field(examples=["9H0123456X"])
    model: str | None = Field(None, examples=["PT5B1E-0K601"])
    """May be left out when the brand has told us which unit the serial number is."""
    certificate: str = Field(examples=["FC7KQ3MXT9WA"], repr=False)
    purchased_on: str = Field(examples=["2026-11-20"])
    """Day of purchase, YYYY-MM-DD."""
    service_reference: str | None = Field(None, examples=["PPCP013FR-VGAD"])
    proof_of_purchase: list[UUID] = Field([], examples=[["019a8f3e-2b7c-7d41-9c55-0a1b2c3d4d01"]])
    """Documents kept before with `POST /documents`, at most 20."""


class RegisterProducts(BaseModel):
    """One to fifty products of one customer, whose details are given once."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    brand: BrandName
    customer: Person
    registered_as: RegisteredAs = Field("end-customer", examples=["reseller"])
    """`reseller` when somebody registers on the customer's behalf."""
    products: Annotated[list[TypedProduct], Field(min_length=1, json_schema_extra={"maxItems": MOST})]
    """More than 50 go into a file: `POST /dossiers`."""


class PairProblem(BaseModel):
    """Why one product was refused, in the reader's language."""

    code: str = Field(examples=["serial-malformed"])
    title: str = Field(examples=["Not a serial number of this brand"])
    detail: str = Field(examples=["The character “S” at position 9 is in no serial number of this brand."])
    pointer: str = Field(examples=["/products/0/serial"])
    """JSON pointer into the command."""
    value: Any = Field(examples=["9H012345SX"])
    accepted: Any = Field(examples=["9H0123455X"])


class PairOutcome(BaseModel):
    """What became of one product; exactly one of `registration`, `contest` and `problem` is there."""

    model_config = ConfigDict(json_schema_extra={"examples": [REGISTERED]})

    position: int = Field(examples=[0])
    """Place in the command, from 0."""
    outcome: Literal["registered", "contested", "refused"]
    registration: RegistrationView | None = None
    contest: ContestView | None = None
    problem: PairProblem | None = None


class BatchView(BaseModel):
    """What became of each product, in the order of the command."""

    registered: int = Field(examples=[1])
    contested: int = Field(examples=[0])
    refused: int = Field(examples=[0])
    outcomes: list[PairOutcome]


@dataclass(frozen=True, slots=True)
class Reader:
    """For whom a batch is answered."""

    phrase: Callable[[Refusal], Phrased]
    """Puts a refusal into their language."""
    file_link: str
    """Where the template for files of more products is."""


async def register_products(command: RegisterProducts, tx: Tx, by: Caller, reader: Reader) -> Accepted | Refusal:
    """Register each product or say why not; 201 when one was registered or contested. Raises UnknownBrand.

    Of equal products in one command the first is registered; else they are tried by certificate and serial number.
    """
    if (many := len(command.products)) > MOST:
        file = {"operation": "POST /dossiers", "link": reader.file_link}
        return Refusal("too-many-for-the-form", 422, "/products", many, MOST, file)
    if wrong := unacceptable(command.customer, command.brand, "/customer"):
        return wrong
    offers = await offers_of(command.brand, tx)
    if not offers:
        return catalogue_unknown()
    await queue(command.brand, (product.serial for product in command.products), tx)
    outcomes: dict[int, PairOutcome] = {}
    facts: list[Event] = []
    for place in sorted(range(many), key=lambda place: _lock_order(command.products[place])):
        done = await _one(command, command.products[place], tx, by, offers)
        outcomes[place] = _outcome(place, done, reader)
        facts += listed(done.facts) if isinstance(done, Accepted) else ()
    view = _view([outcomes[place] for place in range(many)])
    return Accepted(view, facts, 201 if view.refused < many else 200)


def _lock_order(product: TypedProduct) -> tuple[str, str]:
    """Batches that share certificates meet them in one order, so that they do not block each other."""
    return as_issued(product.certificate), canonical(product.serial)


async def _one(
    command: RegisterProducts, product: TypedProduct, tx: Tx, by: Caller, offers: Offers
) -> Accepted | Refusal:
    typed = {**product.model_dump(exclude_unset=True), "brand": command.brand, "registered_as": command.registered_as}
    try:
        asked = RegisterProduct.model_validate({**typed, "customer": command.customer})
    except ValidationError as error:
        return refusal_of(error.errors()[0])
    return await attempt(partial(register_product, by=by, offers=offers), asked, tx)


def _outcome(place: int, done: Accepted | Refusal, reader: Reader) -> PairOutcome:
    if isinstance(done, Refusal):
        told = reader.phrase(done)
        problem = PairProblem(
            code=told.code,
            title=told.title,
            detail=told.detail,
            pointer=f"/products/{place}{told.pointer}",
            value=told.value,
            accepted=told.accepted,
        )
        return PairOutcome(position=place, outcome="refused", problem=problem)
    if isinstance(done.answer, ContestView):
        return PairOutcome(position=place, outcome="contested", contest=done.answer)
    assert isinstance(done.answer, RegistrationView)
    return PairOutcome(position=place, outcome="registered", registration=done.answer)


def _view(outcomes: Sequence[PairOutcome]) -> BatchView:
    words = [one.outcome for one in outcomes]
    return BatchView(
        registered=words.count("registered"),
        contested=words.count("contested"),
        refused=words.count("refused"),
        outcomes=list(outcomes),
    )
