"""A service is given at a site: only where the product stands there (ACT-05, L11–L14)."""

from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from activation_service.activations import handlers
from activation_service.activations.domain import Activation
from activation_service.activations.views import view_of
from activation_service.offers.handlers import offer_of
from activation_service.policy import policy_of
from activation_service.products.handlers import product_of
from activation_service.sites.domain import Address, Site
from activation_service.sites.handlers import site_of
from activation_service.sites.match import compare
from chassis.caller import Caller
from chassis.database import Tx
from chassis.transact import Accepted, Refusal


class AssignSite(BaseModel):
    """Where the service is given, and where the product stands."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    site_number: str = Field(min_length=1, max_length=40, examples=["S-7KQ2-M9XA"])
    product_address: Address
    """It has to be the site's, however it is written."""


async def assign_site(
    command: AssignSite, tx: Tx, activation_id: UUID, by: Caller, language: str
) -> Accepted | Refusal:
    """Keep the site of a service that is not over; the same one again changes nothing."""
    seen = await handlers.service_seen(activation_id, by, tx)
    if seen is None:
        return Refusal("not-found", 404)
    await handlers.hold_product(seen.product_id, tx)
    found = await handlers.service_seen(activation_id, by, tx)  # as it stands now that the product is held
    if found is None:
        return Refusal("not-found", 404)
    if found.state == "cancelled" or found.last_day < policy_of(found.brand).day_of(tx.now):
        return Refusal("activation-over", details={"serial": found.serial, "last_day": found.last_day})
    site = await site_of(command.site_number, by, tx)
    if site is None or site.brand != found.brand:
        return Refusal("site-unknown", 422, "/site_number", command.site_number)
    if refused := await _mismatch(command, site, found, tx):
        return refused
    said = await handlers.assign_site(activation_id, site.number, tx)
    assigned = await handlers.service(activation_id, tx)
    assert assigned is not None  # activations are never deleted
    return Accepted(await view_of(assigned, language, tx), said, 200)


async def _mismatch(command: AssignSite, site: Site, found: Activation, tx: Tx) -> Refusal | None:
    """Why it cannot be given there; both addresses where they differ, or a move has brought the product abroad."""
    if site.closed_at is not None:
        return Refusal("site-closed", 409, "/site_number", site.number)
    offer = await offer_of(found.brand, found.service_reference, tx)
    if offer and offer.countries is not None and site.address.country not in offer.countries:
        return Refusal("not-given-there", 409, "/site_number", site.address.country, list(offer.countries))
    differences = compare(site.address, command.product_address).differences
    product = await product_of(found.product_id, tx)
    if product and product.country and product.country != site.address.country and "country" not in differences:
        differences = (*differences, "country")
    if not differences:
        return None
    stands, expected = _line(command.product_address), _line(site.address)
    details = {
        "differences": ", ".join(differences),
        "site_number": site.number,
        "site_address": site.address.model_dump(),
        "product_address": command.product_address.model_dump(),
    }
    return Refusal("address-differs", 409, "/product_address", stands, expected, details)


def _line(address: Address) -> str:
    return f"{address.street}, {address.postal_code} {address.city}, {address.country}"
