"""What people type from a product's label or invoice, and what is wrong with it (REG-13)."""

from typing import Annotated

from pydantic import Field

from chassis.transact import Refusal
from registration_service.contacts.domain import PRINTABLE
from registration_service.policy import LabelRule, Policy
from registration_service.products.domain import misread

Label = Annotated[str, Field(min_length=1, max_length=64, pattern=PRINTABLE)]
"""Blanks included: the brand's rule judges every character."""


def wrong_serial(typed: str, policy: Policy, pointer: str = "/serial") -> Refusal | None:
    """What is wrong with a serial number by the brand's rule: the character, or the length."""
    return _wrong(typed, policy.serial, pointer, "serial-malformed", "serial-wrong-length")


def wrong_model(typed: str, policy: Policy, pointer: str = "/model") -> Refusal | None:
    """What is wrong with a model number by the brand's rule: the character, or the length."""
    return _wrong(typed, policy.model, pointer, "model-malformed", "model-wrong-length")


def _wrong(typed: str, rule: LabelRule, pointer: str, malformed: str, wrong_length: str) -> Refusal | None:
    if wrong := misread(typed, rule):
        place = {"character": wrong.character, "position": wrong.position}
        return Refusal(malformed, 422, pointer, typed, wrong.likely or rule.form, place)
    if not rule.shortest <= len(typed) <= rule.longest:
        length = {"length": len(typed), "shortest": rule.shortest, "longest": rule.longest}
        return Refusal(wrong_length, 422, pointer, typed, rule.form, length)
    return None
