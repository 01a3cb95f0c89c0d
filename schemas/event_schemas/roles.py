"""The roles of the system and what a token of each may do, from `roles.toml`, the one place that says so (ALL-06)."""

import tomllib
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from event_schemas.folders import PACKAGE


def read_roles(text: str) -> Mapping[str, tuple[str, ...]]:
    """Scopes by role, each scope once: a role's own after those of the role that it is like.

    Raises KeyError for a likeness to a role that does not stand above it.
    """
    roles: dict[str, tuple[str, ...]] = {}
    said: dict[str, Any] = tomllib.loads(text)
    for name, role in said.items():
        inherited = roles[role["like"]] if "like" in role else ()
        roles[name] = tuple(dict.fromkeys((*inherited, *role["may"])))
    return MappingProxyType(roles)


ROLES: Final = read_roles((PACKAGE / "roles.toml").read_text(encoding="utf-8"))
"""Scopes by role; whoever signs a token for a role writes these into it."""
