"""A copy of a contract and a mail name the same brand and the same address to write to (POL-02)."""

import pytest
from tests.architecture.tree import BRANDS, description


@pytest.mark.requirement("POL-02")
@pytest.mark.parametrize("brand", BRANDS)
def test_a_brand_is_called_alike_and_written_to_at_one_address_in_copies_and_mails(brand: str) -> None:
    copies, mails = (description(service).policies for service in ("activation", "notifications"))
    copies.load()
    mails.load()
    assert (copies.of(brand).display_name, copies.of(brand).contact_email) == (
        mails.of(brand).display_name,
        mails.of(brand).contact.email,
    )
