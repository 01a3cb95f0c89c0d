"""Roles as data: what each may do, and that the file says it in one way only."""

import re

import pytest

from event_schemas.roles import ROLES, read_roles


@pytest.mark.requirement("ALL-06")
def test_the_roles_of_the_system_are_these() -> None:
    dealers = {"applicant", "end-customer", "dealer-member", "dealer-admin"}
    assert set(ROLES) == {*dealers, "gateway", "staff", "logistics", "service-centre", "ops"}


@pytest.mark.parametrize("role", sorted(ROLES))
def test_a_role_names_scopes_as_resource_and_deed_each_once(role: str) -> None:
    assert ROLES[role]
    assert len(set(ROLES[role])) == len(ROLES[role])
    assert all(re.fullmatch(r"[a-z-]+:[a-z]+", scope) for scope in ROLES[role])


@pytest.mark.requirement("REG-06")
def test_who_sees_every_file_is_no_dealer_and_no_customer() -> None:
    assert {role for role, scopes in ROLES.items() if "files:all" in scopes} == {"gateway", "staff", "logistics", "ops"}
    assert {role for role, scopes in ROLES.items() if "files:organisation" in scopes} == {"dealer-admin"}


def test_a_role_has_what_the_one_it_is_like_has_and_its_own() -> None:
    roles = read_roles('[member]\nmay = ["a:read"]\n[admin]\nlike = "member"\nmay = ["a:write", "a:read"]')
    assert roles == {"member": ("a:read",), "admin": ("a:read", "a:write")}


def test_a_likeness_to_nobody_is_an_error() -> None:
    with pytest.raises(KeyError, match="nobody"):
        read_roles('[admin]\nlike = "nobody"\nmay = []')
