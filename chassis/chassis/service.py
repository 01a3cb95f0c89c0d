"""A service is a name, a diet, some doors and a database."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any

from fastapi import APIRouter

from chassis.database import Database
from chassis.policies import BrandPolicy, PolicyBook
from chassis.routes import Alarm, Route, Routes
from chassis.settings import Settings

Errand = Callable[[Database, Any, asyncio.Event], Coroutine[Any, Any, None]]
"""Lasting work of a service's own beside the relay, e.g. sending mail: runs until the event is set."""


@dataclass(frozen=True)
class Service:
    """Everything the chassis has to know of a service."""

    name: str
    policies: PolicyBook[Any]
    routers: Sequence[APIRouter]
    hears: Sequence[Route]
    alarms: Sequence[Alarm] = ()
    errands: Sequence[Errand] = ()
    settings: type[Settings] = Settings
    package: str = ""
    """The Python package, which also holds `policies/`, `texts/` and `migrations/`; `<name>_service` unless named."""
    routes: Routes = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "routes", Routes(self.hears))
        object.__setattr__(self, "package", self.package or f"{self.name}_service")

    def policy_version(self, brand: str) -> str:
        """Version of the policy in force; raises UnknownBrand."""
        policy: BrandPolicy = self.policies.of(brand)
        return policy.version
