"""What a fact makes of an item that waits for it (ACT-02, ACT-14)."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import singledispatch
from typing import Any, Final

from activation_service.requests.domain import OPEN, Item, Outcome, Reason
from event_schemas.activation import ActivationCancelled, ActivationRefusal, ActivationRefused, ServiceActivated
from event_schemas.registration import CodeRefusal, CodeRefused, RegistrationCancelled

CODE_TEXTS: Final[Mapping[str, str]] = {
    CodeRefusal.UNKNOWN: "code-unknown",
    CodeRefusal.USED_UP: "code-used-up",
    CodeRefusal.LAPSED: "code-lapsed",
    CodeRefusal.OTHER_SERVICE: "code-other-service",
    CodeRefusal.SERVICE_WITHDRAWN: "code-service-withdrawn",
    CodeRefusal.MODEL_NOT_COVERED: "code-model-not-covered",
    CodeRefusal.ALREADY_COVERED: "already-covered",
    CodeRefusal.STANDARD_WARRANTY_OVER: "standard-warranty-over",
    CodeRefusal.PRODUCT_UNKNOWN: "product-not-registered",
    CodeRefusal.PRODUCT_CONTESTED: "product-contested",
}
"""The text of each reason why a code is refused; one that registration adds later is told as `code-refused`."""
UNIT_TEXTS: Final[Mapping[str, str]] = {
    ActivationRefusal.OFFER_UNKNOWN: "offer-unknown",
    ActivationRefusal.MODEL_NOT_COVERED: "offer-not-applicable",
    ActivationRefusal.ADDRESS_NOT_CONFIRMED: "address-not-confirmed",
    ActivationRefusal.COUNTRY_NOT_COVERED: "not-given-in-its-country",
    ActivationRefusal.ALREADY_COVERED: "already-covered",
    ActivationRefusal.PRODUCT_PASSED_ON: "product-passed-on",
}
"""The text of each reason why a redeemed unit becomes no service."""
ABOUT: Final[Mapping[str, str]] = {
    "already-covered": "/service_reference",
    "code-other-service": "/service_reference",
    "product-not-registered": "/product_id",
    "product-contested": "/product_id",
    "product-passed-on": "/product_id",
    "standard-warranty-over": "/product_id",
    "offer-unknown": "/service_reference",
    "offer-not-applicable": "/service_reference",
    "address-not-confirmed": "/product_address",
    "not-given-in-its-country": "/service_reference",
}
"""The field of the item that a reason is about, where it is not the code."""


def settled(item: Item, outcome: Outcome, running: Mapping[str, Any] | None, now: datetime) -> Item:
    """The item after the fact; the same one when it is over already. `running` is the service that covers it."""
    after = _after(outcome, item)
    if after is item:
        return item
    shown = running if after.reason and after.reason.code == "already-covered" else None
    return replace(after, settled_at=now, running=shown)


@singledispatch
def _after(outcome: Outcome, item: Item) -> Item:
    raise TypeError(f"{type(outcome).__name__} is no outcome of the item {item.item_id}")


@_after.register
def _(outcome: ServiceActivated, item: Item) -> Item:
    if item.state not in OPEN:
        return item
    return replace(item, state="activated", redemption_id=outcome.redemption_id, activation_id=outcome.activation_id)


@_after.register
def _(outcome: CodeRefused, item: Item) -> Item:
    if item.state != "presented":
        return item
    return _refused(item, CODE_TEXTS.get(outcome.reason, "code-refused"), outcome.reason)


@_after.register
def _(outcome: ActivationRefused, item: Item) -> Item:
    if item.state not in OPEN:
        return item
    code = UNIT_TEXTS.get(outcome.reason, "activation-refused")
    return replace(_refused(item, code, outcome.reason), redemption_id=outcome.redemption_id)


@_after.register(ActivationCancelled)
@_after.register(RegistrationCancelled)
def _(outcome: ActivationCancelled | RegistrationCancelled, item: Item) -> Item:
    if item.state in ("refused", "cancelled"):
        return item
    return replace(item, state="cancelled", redemption_id=outcome.redemption_id)


def _refused(item: Item, code: str, reason: str) -> Item:
    pointer = ABOUT.get(code, "/code")
    values = {"/service_reference": item.service_reference, "/product_id": str(item.product_id)}
    details = {"reason": item.review_reason or str(reason), "serial": item.serial, "model": item.model}
    details["service_reference"] = item.service_reference
    return replace(item, state="refused", reason=Reason(code, pointer, values.get(pointer), None, details))
