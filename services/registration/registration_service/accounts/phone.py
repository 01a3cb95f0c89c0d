"""Telephone numbers, as the network writes them (REG-02)."""

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat

from chassis.transact import Refusal


def e164(typed: str, country: str) -> str | Refusal:
    """`+33170189900`; without a country code the number is one of `country`. A refusal has an example of it."""
    try:
        number = phonenumbers.parse(typed, country)
    except NumberParseException:
        number = None
    if number is None or not phonenumbers.is_valid_number(number):
        return Refusal("phone-malformed", 422, "/phone", typed, _example(country), {"country": country})
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def _example(country: str) -> str:
    number = phonenumbers.example_number(country)
    return phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL) if number else "+33 1 23 45 67 89"
