"""One product, one unit: the one rule for form, batch and bulk row (REG-12, REG-13, REG-15, REG-16)."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Final
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from chassis import documents
from chassis.caller import Caller
from chassis.database import Tx
from chassis.transact import Accepted, Refusal
from event_schemas.contacts import ContactChanged
from registration_service.certificates.domain import Certificate
from registration_service.certificates.handlers import Reference, certificate_behind
from registration_service.contacts.domain import Whose
from registration_service.contacts.handlers import Person, recognise
from registration_service.contests.domain import Claim
from registration_service.contests.handlers import open_contest, view_of
from registration_service.policy import BrandName, Policy, policy_of
from registration_service.products.domain import Product, RegisteredAs, Registrant, Running, canonical, covers
from registration_service.products.handlers import find, hold, redeem, services_of, unit_of
from registration_service.products.labels import Label, PurchaseDay, wrong_model, wrong_serial
from registration_service.registrations import store
from registration_service.registrations.domain import too_late
from registration_service.registrations.views import registered
from registration_service.units.handlers import model_of

MOST_PROOFS: Final = 20
Proofs = Annotated[tuple[UUID, ...], Field(max_length=MOST_PROOFS, examples=[["019a8f3e-2b7c-7d41-9c55-0a1b2c3d4d01"]])]


class RegisterProduct(BaseModel):
    """One product of one customer, with one unit of one certificate."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    brand: BrandName
    certificate: Reference = Field(examples=["FC7KQ3MXT9WA"], repr=False)
    """The number from the buyer's mail."""
    serial: Label = Field(examples=["9H0123456X"])
    """As on the product's label."""
    model: Label | None = Field(None, examples=["PT5B1E-0K601"])
    """As on the product's label; may be left out when the brand has told us which unit the serial number is."""
    purchased_on: PurchaseDay = Field(examples=["2026-11-20"])
    """Day of purchase, where the standard warranty starts; from 1990-01-01 to today in the brand's time zone."""
    customer: Person
    service_reference: Reference | None = Field(None, examples=["PPCP013FR-VGAD"])
    """Where it is given, it must be the certificate's."""
    registered_as: RegisteredAs = "end-customer"
    """`reseller` when somebody registers on the customer's behalf."""
    proof_of_purchase: Proofs = ()
    """Documents kept before with `POST /documents`."""


@dataclass(frozen=True, slots=True)
class _Request:
    """A command that is acceptable by itself, with what it names."""

    command: RegisterProduct
    certificate: Certificate
    model: str
    policy: Policy
    by: Registrant


async def register_product(command: RegisterProduct, tx: Tx, by: Caller) -> Accepted | Refusal:
    """Register a product and redeem one unit for it (RegistrationView, 201). Raises UnknownBrand.

    A product that another customer has registered is contested instead (ContestView, 202).
    """
    request = await _checked(command, tx, by)
    if isinstance(request, Refusal):
        return request
    customer = await recognise(command.customer, command.brand, tx, "/customer", by)
    if isinstance(customer, Refusal):
        return customer
    claimed = unit_of(
        command.brand,
        request.model,
        canonical(command.serial),
        command.purchased_on,
        customer.contact_id,
        request.by,
    )
    today = request.policy.day_of(tx.now)
    if too_late(request.policy.offers[request.certificate.service_reference], claimed.warranty_ends_on, today):
        dates = {"warranty_ended_on": claimed.warranty_ends_on, "today": today}
        return Refusal("standard-warranty-over", 409, "/purchased_on", command.purchased_on, details=dates)
    return await _register(claimed, request, customer.facts, tx, by)


async def _checked(command: RegisterProduct, tx: Tx, by: Caller) -> _Request | Refusal:
    policy = policy_of(command.brand)
    if wrong := _unacceptable(command, policy, policy.day_of(tx.now)):
        return wrong
    certificate = await certificate_behind(command.certificate, command.brand, tx)
    if isinstance(certificate, Refusal):
        return certificate
    if command.service_reference not in (None, certificate.service_reference):
        accepted = [certificate.service_reference]
        return Refusal("service-reference-mismatch", 422, "/service_reference", command.service_reference, accepted)
    if command.model is None:
        model = await model_of(command.brand, canonical(command.serial), tx)
        if isinstance(model, Refusal):
            return model
    else:
        model = canonical(command.model)
    if wrong := _not_covered(model, certificate, policy):
        return wrong
    if command.proof_of_purchase:
        proofs = await documents.held(tx, command.proof_of_purchase, by, "/proof_of_purchase/{}")
        if isinstance(proofs, Refusal):
            return proofs
    registrant = Registrant(by.owner, by.organisation, command.registered_as, command.proof_of_purchase)
    return _Request(command, certificate, model, policy, registrant)


def _unacceptable(command: RegisterProduct, policy: Policy, today: date) -> Refusal | None:
    if wrong := wrong_serial(command.serial, policy):
        return wrong
    if command.model is not None and (wrong := wrong_model(command.model, policy)):
        return wrong
    if command.purchased_on > today:
        return Refusal("purchase-in-future", 422, "/purchased_on", str(command.purchased_on), f"≤ {today}")
    return None


def _not_covered(model: str, certificate: Certificate, policy: Policy) -> Refusal | None:
    offer = policy.offers.get(certificate.service_reference)
    if offer is None:  # the brand's policy dropped it after the certificate was sold
        details = {"contact_address": policy.contacts.requests}
        return Refusal("service-withdrawn", 422, "/certificate", certificate.service_reference, None, details)
    if not covers(offer, model):
        details = {"service_reference": certificate.service_reference}
        return Refusal("model-not-covered", 422, "/model", model, list(offer.models), details)
    return None


async def _register(
    claimed: Product, request: _Request, said: tuple[ContactChanged, ...], tx: Tx, by: Caller
) -> Accepted | Refusal:
    held = await hold(claimed, tx, by)  # always before the certificate: one order of locks
    if isinstance(held, Refusal):
        return held
    product, certificate = held.product, request.certificate
    if product.customer_id != claimed.customer_id:
        claim = Claim(
            claimed.customer_id,
            certificate.certificate_id,
            certificate.service_reference,
            claimed.purchased_on,
            request.by,
        )
        opened = await open_contest(product, claim, tx)
        return Accepted(view_of(opened.contest, opened.contest.parties_of(by)), (*said, *opened.facts), 202)
    if product.purchased_on != claimed.purchased_on:
        return Refusal("serial-registered-differently", 409, "/serial", claimed.serial)
    services = {} if held.is_fresh else await services_of(product, tx)
    if known := services.get(certificate.service_reference):
        return await _known(known, product, by, tx)
    redeemed = await redeem(product, certificate, request.by, tx)
    if isinstance(redeemed, Refusal):
        return redeemed
    # new, or let go of; and with no service running listeners may have let go of it: it is said again
    again = () if services else (product.registered(),)
    return Accepted(registered(redeemed), (*said, *again, redeemed.redemption.redeemed()))


async def _known(running: Running, product: Product, by: Caller, tx: Tx) -> Refusal:
    whose = Whose.seen_by(by)
    address = policy_of(product.brand).contacts.requests
    details: dict[str, object] = {"service_reference": running.service_reference, "contact_address": address}
    if await find(tx, whose, product.product_id) or await store.find(tx, whose, running.redemption_id):
        details["product_id"] = product.product_id
        details["redemption_id"] = running.redemption_id
        details["certificate_id"] = running.certificate_id
    return Refusal("serial-already-registered", 409, "/serial", product.serial, details=details)
