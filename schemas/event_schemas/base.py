"""What every fact has in common: a type, a version, a topic, a key and a brand (ALL-04).

A fact carries no id and no clock of its own; id, time, correlation and causation travel in the message's headers.
"""

from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Final, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, GetJsonSchemaHandler, WithJsonSchema
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

Json = dict[str, Any]
"""An object as JSON has it."""

CATALOGUE: Final[dict[str, type["Event"]]] = {}
"""Every event class by its wire type, e.g. `certificate.redeemed.v1`."""


class Record(BaseModel):
    """A frozen value inside an event; unknown fields are ignored when read, so that publishers may add some."""

    model_config = ConfigDict(frozen=True, extra="ignore", use_attribute_docstrings=True)


class Event(Record):
    """A fact, in the past tense, keyed by the aggregate whose story it continues."""

    NAME: ClassVar[str]
    VERSION: ClassVar[int]
    TYPE: ClassVar[str]
    KEY: ClassVar[str]
    TOPIC: ClassVar[str]
    ALSO_SAID_AS: ClassVar[str] = ""
    """The older type that the publisher still says beside this one; its hearers pass this one over."""

    brand: str
    """The brand whose policy was applied, e.g. `dynabook`."""

    def __init_subclass__(
        cls,
        *,
        type: str = "",  # noqa: A002 (reads right where a fact is declared)
        version: int = 0,
        key: str = "",
        topic: str | None = None,
    ) -> None:
        if not type:  # a shape that several facts share, never said by itself
            return
        cls.NAME, cls.VERSION, cls.KEY = type, version, key
        cls.TYPE = f"{type}.v{version}"
        cls.TOPIC = topic or cls.__module__.rpartition(".")[2].replace("_", "-")
        if cls.TYPE in CATALOGUE:
            raise TypeError(f"{cls.__name__}: {cls.TYPE} is already said by {CATALOGUE[cls.TYPE].__name__}")
        CATALOGUE[cls.TYPE] = cls

    @property
    def key(self) -> str:
        """The message key: the aggregate's id as text."""
        return str(getattr(self, self.KEY))


class OpenEnum(StrEnum):
    """Known words of a publisher; a word that a later publisher adds is kept as it is, never an error."""

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        if not isinstance(value, str):
            return None
        member = str.__new__(cls, value)
        member._name_, member._value_ = "UNKNOWN", value
        return member

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        known = [member.value for member in cls]
        return {"title": cls.__name__, "anyOf": [{"enum": known}, {"type": "string"}], **_described(cls)}


def _described(enum: type[OpenEnum]) -> dict[str, Any]:
    return {"description": enum.__doc__} if enum.__doc__ else {}


def _cents(amount: Decimal) -> Decimal:
    if abs(amount) >= 10**13:
        raise ValueError("an amount is below 10 000 000 000 000")
    if amount != amount.quantize(Decimal("0.01")):
        raise ValueError("an amount has at most two decimal places")
    return amount.quantize(Decimal("0.01"))


Cents = Annotated[
    Decimal,
    AfterValidator(_cents),
    WithJsonSchema({"type": "string", "pattern": r"^-?[0-9]{1,13}\.[0-9]{2}$"}, mode="serialization"),
]


class Money(Record):
    """An amount with its currency; on the wire the amount is a decimal string, e.g. `"256.50"`."""

    amount: Cents
    """Two decimal places, no float."""
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = "EUR"
    """ISO 4217."""


Percent = Annotated[int, Field(ge=0, le=100)]
Serial = Annotated[str, Field(min_length=1, max_length=64)]
Id = UUID
