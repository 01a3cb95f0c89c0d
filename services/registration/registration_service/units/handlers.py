"""Units that the brand has made: which model a serial number is, for those who do not say it (REG-22)."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from chassis.database import Tx
from chassis.transact import Accepted, Refusal
from registration_service.policy import BrandName, policy_of
from registration_service.products.domain import canonical
from registration_service.products.labels import Label, wrong_model, wrong_serial
from registration_service.units import store


class KnownUnit(BaseModel):
    """One unit as its label says."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    serial: Label = Field(examples=["9H0123456X"])
    model: Label = Field(examples=["PT5B1E-0K601"])


class TellUnits(BaseModel):
    """Which model which serial number is."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    brand: BrandName
    units: Annotated[list[KnownUnit], Field(min_length=1, max_length=1000)]


class UnitsView(BaseModel):
    """What of it was news."""

    told: int = Field(examples=[2])
    """How many units the command names, each once."""
    new: int = Field(examples=[1])
    """How many of them were not known before."""


async def tell_units(command: TellUnits, tx: Tx) -> Accepted | Refusal:
    """Remember serials with their models; the same pair again is no error. Raises UnknownBrand."""
    policy = policy_of(command.brand)
    for place, unit in enumerate(command.units):
        wrong = wrong_serial(unit.serial, policy, f"/units/{place}/serial")
        if wrong := wrong or wrong_model(unit.model, policy, f"/units/{place}/model"):
            return wrong
    units = sorted({(canonical(unit.serial), canonical(unit.model)) for unit in command.units})
    return Accepted(UnitsView(told=len(units), new=await store.remember(tx, command.brand, units)))


async def model_of(brand: str, serial: str, tx: Tx) -> str | Refusal:
    """The model of the one known unit with this serial number (canonical); a refusal when there is none or several."""
    models = await store.models_of(tx, brand, serial)
    if not models:
        return Refusal("model-unknown", 422, "/model", None, details={"serial": serial})
    if len(models) > 1:
        return Refusal("model-ambiguous", 422, "/model", None, models, {"serial": serial})
    return models[0]


async def known_serials(brand: str, serials: Sequence[str], tx: Tx) -> list[str]:
    """Those of some serial numbers (canonical) whose model is known (REG-22)."""
    return await store.known(tx, brand, serials)
