"""Whatever happens in whatever order, ledger and facts agree with a short model (REG-09, REG-16, REG-17)."""

from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from tests.support.rooms import DatabaseServer, Room, open_room

from event_schemas.activation import ActivationRefusal, ActivationRefused
from event_schemas.registration import ProductRegistered
from event_schemas.registration_cases import ProductTransferred
from registration_service.__main__ import SERVICE

from .ledger_model import Cert, Claim, Item

NUMBERS = count(1)
DAYS = st.sampled_from(["2026-11-20", "2026-11-19"])
CERTS, ITEMS, PEOPLE = st.integers(0, 2), st.integers(0, 1), st.integers(0, 2)
ANY = st.integers(0, 30)
LEDGERS = """
SELECT c.certificate_id::text AS id, c.quantity, c.units_left, e.redemption_id::text AS redemption, e.change
FROM certificates c LEFT JOIN entries e USING (certificate_id) WHERE c.certificate_id = ANY($1::uuid[])
"""
HOLDERS = """
SELECT serial, customer_id, email FROM products
LEFT JOIN contacts ON contact_id = customer_id AND released_at IS NULL WHERE serial = ANY($1)
"""


def person(number: int) -> dict[str, str]:
    return {"name": f"Person {number}", "email": f"person-{number}@example.com", "language": "fr"}


class Units(RuleBasedStateMachine):
    """Three certificates, two products, three customers; every deed goes through the real service."""

    def __init__(self, portal: BlockingPortal, room: Room) -> None:
        super().__init__()
        self.portal, self.room = portal, room
        self.certs: dict[str, Cert] = {}
        self.numbers: list[str] = []
        self.items: dict[str, Item] = {}
        self.redeemed: list[tuple[str, str, str]] = []
        self.heard: list[tuple[ActivationRefused, UUID]] = []
        self.told: dict[str, UUID | None] = {}

    def call(self, deed: Callable[..., Coroutine[Any, Any, Any]], *given: Any) -> Any:
        return self.portal.call(deed, *given)

    def post(self, path: str, body: dict[str, Any], key: str = "") -> httpx.Response:
        async def send() -> httpx.Response:
            return await self.room.post(path, body, key=key or None)

        answer: httpx.Response = self.call(send)
        return answer

    @initialize(quantities=st.tuples(*[st.integers(1, 2)] * 3))
    def begin(self, quantities: tuple[int, ...]) -> None:
        buyer = {"name": "Buyer", "email": "buyer@example.com", "language": "fr"}
        for quantity, service in zip(quantities, ("PPCP013FR-VGAD", "PPCP013FR-VGAD", "EXT2FR-X40"), strict=True):
            order = {"brand": "dynabook", "case_number": f"M-{next(NUMBERS)}", "service_reference": service}
            made = self.post("/orders", {**order, "quantity": quantity, "buyer": buyer}).json()
            query = "SELECT number FROM certificates WHERE certificate_id = $1::uuid"
            self.numbers.append(self.call(self.room.database.pool.fetchval, query, made["certificate_id"]))
            self.certs[made["certificate_id"]] = Cert(service, quantity)
        self.items = {f"8H{next(NUMBERS):07}X": Item() for _ in range(2)}

    @rule(cert=CERTS, item=ITEMS, customer=PEOPLE, day=DAYS, again=st.booleans())
    def register(self, cert: int, item: int, customer: int, day: str, again: bool) -> None:
        serial, key = list(self.items)[item], str(uuid4())
        body = {"brand": "dynabook", "certificate": self.numbers[cert], "serial": serial, "model": "X40-K-11E"}
        body |= {"purchased_on": day, "customer": person(customer)}
        product, certificate = self.items[serial], list(self.certs.values())[cert]
        expected = product.answer_to(certificate, customer, day)
        answer = self.post("/registrations", body, key)
        told = answer.json()
        if expected == "registered":
            assert answer.status_code == 201, answer.text
            product.register(certificate, customer, day, told["redemption_id"])
            self.redeemed.append((serial, told["redemption_id"], told["product_id"]))
            assert told["units_left"] == certificate.left
        elif expected == "contest":
            assert answer.status_code == 202, answer.text
            known = product.claims.setdefault(customer, Claim(certificate, day, told["contest_id"]))
            assert told["contest_id"] == known.contest_id
        else:
            assert (answer.status_code, told["code"]) == (409, expected), answer.text
        if again and expected in ("registered", "contest"):
            assert self.post("/registrations", body, key).json() == told

    @precondition(lambda self: self.redeemed)
    @rule(which=ANY)
    def cancel(self, which: int) -> None:
        serial, redemption_id, _ = self.redeemed[which % len(self.redeemed)]
        expected = 200 if self.items[serial].cancel(redemption_id) else 409
        assert self.post(f"/registrations/{redemption_id}/cancellation", {}).status_code == expected

    @precondition(lambda self: self.redeemed)
    @rule(which=ANY)
    def refuse_activation(self, which: int) -> None:
        serial, redemption_id, product_id = self.redeemed[which % len(self.redeemed)]
        event = ActivationRefused(
            brand="dynabook",
            product_id=UUID(product_id),
            redemption_id=UUID(redemption_id),
            serial=serial,
            service_reference="PPCP013FR-VGAD",
            customer_id=uuid4(),
            reason=ActivationRefusal.MODEL_NOT_COVERED,
        )
        self.items[serial].refuse(redemption_id)
        self.heard.append((event, self.call(self.room.hear, event)))

    @precondition(lambda self: self.heard)
    @rule(which=ANY)
    def hear_once_more(self, which: int) -> None:
        self.call(self.room.hear, *self.heard[which % len(self.heard)])

    @rule(item=ITEMS, customer=st.one_of(st.none(), PEOPLE))
    def transfer(self, item: int, customer: int | None) -> None:
        serial = list(self.items)[item]
        body: dict[str, Any] = {"brand": "dynabook", "serial": serial, "transferred_on": "2026-11-22"}
        if customer is None:
            body |= {"kind": "lease_return"}
        else:
            body |= {"kind": "sale", "reason": "Sold.", "new_customer": person(customer)}
        answer, expected = self.post("/transfers", body), self.items[serial].transfer_to(customer)
        assert answer.json().get("code", "transferred") == expected, answer.text

    @precondition(lambda self: any(item.claims for item in self.items.values()))
    @rule(which=ANY, how=st.sampled_from(["claimant_gets", "claimant_gets", "holder_keeps", "withdrawn"]))
    def settle(self, which: int, how: str) -> None:
        claims = [(serial, customer) for serial, item in self.items.items() for customer in item.claims]
        serial, customer = claims[which % len(claims)]
        item = self.items[serial]
        path = f"/contests/{item.claims[customer].contest_id}"
        if how == "withdrawn":
            assert self.post(f"{path}/withdrawal", {}).status_code == 200
            item.dismiss(customer)
            return
        answer = self.post(f"{path}/decision", {"decision": how, "reason": "So we think."})
        assert answer.status_code == 200, answer.text
        if how == "holder_keeps":
            item.dismiss(customer)
            return
        claim, told = item.award(customer), answer.json()
        assert (told["redemption_id"] is None) == (claim.cert.left == 0) == (told["not_redeemed"] is not None)
        if told["redemption_id"]:
            item.register(claim.cert, customer, claim.day, told["redemption_id"])
            self.redeemed.append((serial, told["redemption_id"], told["product_id"]))

    @invariant()
    def the_ledgers_agree(self) -> None:
        rows = self.call(self.room.database.pool.fetch, LEDGERS, list(self.certs))
        for certificate_id, cert in self.certs.items():
            lines = [row for row in rows if row["id"] == certificate_id]
            taken, back = ([row["redemption"] for row in lines if row["change"] == change] for change in (-1, 1))
            assert sorted(taken) == sorted(cert.taken)
            assert sorted(back) == sorted(cert.back)
            assert len(set(taken)) == len(taken)
            assert len(set(back)) == len(back)
            left = lines[0]["units_left"]
            assert left == cert.quantity - len(taken) + len(back) == cert.left
            assert 0 <= left <= cert.quantity == lines[0]["quantity"]

    @invariant()
    def who_has_a_product_is_what_the_facts_say(self) -> None:
        for fact in self.call(self.room.said):
            if isinstance(fact, ProductRegistered):
                self.told[fact.serial] = fact.customer_id
            elif isinstance(fact, ProductTransferred):
                self.told[fact.serial] = fact.to_customer_id
        for row in self.call(self.room.database.pool.fetch, HOLDERS, list(self.items)):
            owner = self.items[row["serial"]].owner
            assert (row["email"] is None) == (owner is None)
            if owner is not None:
                assert (self.told[row["serial"]], row["email"]) == (row["customer_id"], person(owner)["email"])

    def teardown(self) -> None:
        for certificate_id, cert in self.certs.items():
            told = self.call(self.room.get, f"/certificates/{certificate_id}/ledger").json()
            assert told["units_left"] == cert.left == told["quantity"] + sum(one["change"] for one in told["entries"])


@contextmanager
def opened(postgres: DatabaseServer) -> Iterator[tuple[BlockingPortal, Room]]:
    """A room of its own, asked from outside of any event loop."""
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(open_room(SERVICE, postgres)) as room,
    ):
        yield portal, room


@pytest.mark.requirement("REG-09", "REG-16", "REG-17")
def test_in_any_order_of_registering_cancelling_refusing_settling_and_passing_on_the_ledger_is_the_models(
    postgres,
) -> None:
    with opened(postgres) as (portal, room):
        run_state_machine_as_test(
            lambda: Units(portal, room),
            settings=settings(
                max_examples=75,
                stateful_step_count=25,
                deadline=None,
                suppress_health_check=list(HealthCheck),
                phases=[Phase.reuse, Phase.generate],  # a failure of at most 25 steps is read sooner than it is shrunk
            ),
        )
