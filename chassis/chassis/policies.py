"""A brand is data: one TOML file per brand and service, checked before the service opens its doors (POL-01, POL-02)."""

import tomllib
from importlib import resources
from pathlib import Path
from typing import Annotated, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError


class BrandPolicy(BaseModel):
    """What every policy file says first; a service adds the rules that it needs."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    brand: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]
    """The file's name without `.toml`."""
    version: Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}(\.\d+)?$")]
    """Day of the change, with a running number for a second one; every decision event carries it."""


class InvalidPolicy(Exception):
    """A policy file cannot be used; the message has file, field and reason on a line each."""


class UnknownBrand(Exception):
    """No policy for this brand; `accepted` lists the brands there are."""

    def __init__(self, brand: str, accepted: list[str]) -> None:
        super().__init__(f"brand {brand!r} is unknown; known are {', '.join(accepted)}")
        self.brand, self.accepted = brand, accepted


P = TypeVar("P", bound=BrandPolicy)


class PolicyBook(Generic[P]):
    """All brands of one service; read once at start from its package and from an extra directory."""

    def __init__(self, model: type[P], package: str) -> None:
        """`package` has a folder `policies/` with one TOML file per brand, e.g. `registration_service`."""
        self._model, self._package = model, package
        self._policies: dict[str, P] = {}

    def load(self, extra: Path | None = None) -> None:
        """Read every brand; `extra` is a directory `<extra>/<service>/<brand>.toml`.

        Raises InvalidPolicy with every mistake in every file; then the brands stay as they were.
        """
        folders = [Path(str(resources.files(self._package))) / "policies"]
        if extra:
            if not extra.is_dir():
                raise InvalidPolicy(f"AFTERCARE_POLICIES: {extra}: there is no such directory")
            folders.append(extra / self._package.removesuffix("_service"))
        files = [file for folder in folders for file in sorted(folder.glob("*.toml"))]
        policies, wrong = {}, []
        for file in files:
            try:
                policies[file.stem] = self._read(file)
            except InvalidPolicy as error:
                wrong.append(str(error))
        if wrong:
            raise InvalidPolicy("\n".join(wrong))
        self._policies = policies

    def of(self, brand: str) -> P:
        """The policy in force for `brand`; raises UnknownBrand."""
        if not self._policies:
            self.load()
        try:
            return self._policies[brand]
        except KeyError:
            raise UnknownBrand(brand, self.brands()) from None

    def brands(self) -> list[str]:
        """The known brands, sorted."""
        if not self._policies:
            self.load()
        return sorted(self._policies)

    def _read(self, file: Path) -> P:
        try:
            policy = self._model.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise InvalidPolicy(f"{file}: not a TOML file: {error}") from None
        except ValidationError as error:
            raise InvalidPolicy("\n".join(_line(file, problem) for problem in error.errors())) from None
        if policy.brand != file.stem:
            raise InvalidPolicy(f"{file}: brand: must be {file.stem!r}, the name of the file (got {policy.brand!r})")
        return policy


def _line(file: Path, problem: object) -> str:
    assert isinstance(problem, dict)
    field = ".".join(str(part) for part in problem["loc"]) or "(whole file)"
    shown = "" if problem["type"] == "missing" else f" (got {problem['input']!r})"
    return f"{file}: {field}: {problem['msg']}{shown}"
