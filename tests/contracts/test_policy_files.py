"""The policy files of all services: which brands ship, and that a wrong file keeps its service from starting."""

import pytest
from tests.architecture.tree import BRANDS, SERVICES, description
from tests.support.policies import SIXTH, Shelf


@pytest.mark.requirement("POL-01", "POL-02")
@pytest.mark.parametrize("service", SERVICES)
def test_every_service_ships_the_five_brands_and_needs_a_file_alone_for_a_sixth(service: str, shelf: Shelf) -> None:
    book = description(service).policies
    book.load()
    assert book.brands() == sorted(BRANDS)
    shelf.load(service)
    assert book.brands() == sorted((*BRANDS, SIXTH))
    assert book.of(SIXTH).version == "2026-12-01.2"


@pytest.mark.requirement("POL-01")
@pytest.mark.parametrize("service", SERVICES)
def test_a_process_does_not_start_with_wrong_policies_and_names_each_file_field_and_reason(
    service: str, shelf: Shelf
) -> None:
    shelf.put(service, text='brand = "brand"\nversion = ', brand="broken")
    ended = shelf.start(service, ('"2026-12-01.2"', '"newest"'), ('"Pacific/Auckland"', '"Atlantis"\ncolour = "red"'))
    assert ended.returncode != 0
    first, *told = ended.stderr.splitlines()
    assert first == f"{service} does not start, a policy is invalid:"
    folder = shelf.folder / service
    expected = [
        (f"{folder / SIXTH}.toml: version: ", "(got 'newest')"),
        (f"{folder / SIXTH}.toml: time_zone: ", "zone"),
        (f"{folder / SIXTH}.toml: colour: ", "Extra inputs are not permitted (got 'red')"),
        (f"{folder / 'broken'}.toml: ", "not a TOML file: Invalid value"),
    ]
    for start, reason in expected:
        assert [line for line in told if line.startswith(start) and reason in line], f"{start}…{reason}: {told}"
    assert len(told) == len(expected)
