"""What can be said at once of a service that is asked for, before its code is looked at (ACT-02…ACT-06)."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Final
from uuid import UUID

from activation_service.codes.domain import last_day_of_use
from activation_service.offers.domain import applicable, covers
from activation_service.policy import Offer, Policy
from activation_service.requests.asking import AskedItem
from activation_service.requests.domain import ASKED_AGAIN_AFTER, Item, Reason
from activation_service.sites.domain import Site

TOO_OLD: Final = "code-too-old"


def fitting_offer(reference: str, offers: Sequence[Offer], model: str) -> Offer | Reason:
    """The offer, on sale or not; one that is unknown or not for the model: those that are for it (ACT-04, L03, L10)."""
    offer = next((each for each in offers if each.reference == reference), None)
    if offer and covers(offer, model):
        return offer
    fitting = [each.reference for each in applicable(offers, model)]
    code = "offer-not-applicable" if offer else "offer-unknown"
    return Reason(code, "/service_reference", reference, fitting, {"model": model})


def wrong_terms(accepted: str | None, offer: Offer) -> Reason | None:
    """The offer's current terms are not accepted (ACT-02, L05)."""
    if accepted == offer.terms_version:
        return None
    code = "terms-outdated" if accepted else "terms-not-accepted"
    return Reason(code, "/terms_version", accepted, offer.terms_version)


def wrong_day(purchased_on: date, offer: Offer, today: date) -> Reason | None:
    """Bought in the future, or longer ago than its code can be used; the last day is a good one (ACT-03, L09)."""
    if purchased_on > today:
        return Reason("purchase-in-future", "/purchased_on", str(purchased_on), f"≤ {today}")
    last = last_day_of_use(purchased_on, offer.code_days)
    if last is None or today <= last:
        return None
    details = {"lapsed_on": str(last), "code_days": offer.code_days}
    return Reason(TOO_OLD, "/purchased_on", str(purchased_on), None, details)


def asked_already(
    item: Item, before: Sequence[Item], waiting: Sequence[Item], shown: Collection[UUID]
) -> Reason | None:
    """The same service is asked for its product before it in the request, is held, or was asked for a while ago.

    Of what waits, the requests in `shown` may be named to the caller; of others it is said only that there is one.
    """
    place = item.product_id, item.service_reference
    if any((one.product_id, one.service_reference) == place and one.state == "presented" for one in before):
        return Reason("named-twice", "/service_reference", item.service_reference)
    for one in waiting:
        if one.state == "held" or item.requested_at - one.requested_at < ASKED_AGAIN_AFTER:
            return _asked_already(item, one, one.request_id in shown)
    return None


def _asked_already(item: Item, one: Item, shown: bool) -> Reason:
    if not shown:
        return Reason("asked-already-by-others", "/service_reference", item.service_reference)
    details = {"request_id": str(one.request_id), "state": one.state}
    return Reason("asked-already", "/service_reference", item.service_reference, None, details)


def usable_site(asked: AskedItem, site: Site | None, offer: Offer, policy: Policy) -> Site | Reason:
    """The site; one that the caller does not have, that is closed or where the service is not given: why not (L16)."""
    if site is None or site.brand != policy.brand:
        return Reason("site-unknown", "/site_number", asked.site_number)
    if site.closed_at is not None:
        return Reason("site-closed", "/site_number", site.number)
    if offer.countries is not None and site.address.country not in offer.countries:
        return Reason("not-given-there", "/site_number", site.address.country, list(offer.countries))
    return site
