"""Certificate numbers of several orders go to the supplier's buyer as a file, and each of them works (REG-11)."""

import csv
import io
import json
from typing import Any, Final
from uuid import uuid4

import pytest
from tests.journeys.brands import PLAYED
from tests.journeys.mailbox import Mailbox
from tests.journeys.people import end_customer, order_for, server
from tests.journeys.test_order_to_credit import UNITS
from tests.support.stack_of_services import Stack

from aftercare_local.demo.watch import Watch

SOLD: Final = PLAYED[1]
NUMBER: Final = "Numéro de certificat (clé d’activation)"
HEADINGS: Final = (
    "Numéro de dossier", "Référence du service", "Service", NUMBER, "Services commandés", "Services restants",
)  # fmt: skip
PRIVATE: Final = "registration-mail"


def rows_of(content: bytes) -> list[dict[str, str]]:
    """What a spreadsheet program here shows of the file."""
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";"))


@pytest.mark.requirement("REG-08", "REG-11", "NTF-01", "NTF-03")
async def test_from_two_orders_to_a_file_of_codes_of_which_one_registers_a_product(stack: Stack, watch: Watch) -> None:
    owner = await end_customer(stack, SOLD.brand, "Ada Moreau", "nl")
    cases = [await order_for(owner, SOLD.reference, quantity) for quantity in (2, 5)]
    buyer = {"name": "Karel Groot", "email": f"karel-{uuid4().hex[:10]}@example.org", "language": "fr"}
    asked = {"brand": SOLD.brand, "case_numbers": cases, "recipient": buyer}
    sent = await server(stack, "gateway").do("/code-files", asked)
    assert sent == {"code_file_id": sent["code_file_id"], "certificates": 2}

    name, content = await Mailbox(stack, buyer["email"]).file("Vos numéros de certificat")
    assert name == "certificats.csv"
    rows = rows_of(content)
    assert [tuple(row) for row in rows] == [HEADINGS, HEADINGS]
    ordered = [(row["Numéro de dossier"], row["Référence du service"], row["Services commandés"]) for row in rows]
    assert ordered == [(cases[0], SOLD.reference, "2"), (cases[1], SOLD.reference, "5")]
    numbers = [row[NUMBER] for row in rows]
    assert numbers == [await owner.mailbox.certificate(case) for case in cases]

    unit = {"serial": SOLD.unit(next(UNITS)), "model": SOLD.model, "purchased_on": SOLD.today(stack.now()).isoformat()}
    body = {"brand": SOLD.brand, "certificate": numbers[1], **unit, "customer": owner.person}
    assert (await owner.do("/registrations", body))["units_left"] == 4
    await watch.event("service.activated.v1", serial=unit["serial"])
    await owner.mailbox.subjects(5)  # the code, two orders, the product and its service
    assert in_public(stack, watch, numbers) == []


def in_public(stack: Stack, watch: Watch, numbers: list[str]) -> list[Any]:
    """Everything that was said of these numbers elsewhere than on the private topic."""
    said = [one for one in watch._heard if one.topic != stack.topic(PRIVATE)]
    assert said
    return [one for one in said if any(number in json.dumps(one.data) for number in numbers)]
