"""Which fields may stand on which topic: public ones know persons by their ids only (ALL-05)."""

from collections.abc import Iterator
from typing import Any, Final

from event_schemas.json_schema import NAMED
from event_schemas.topics import PersonalData

RANK: Final[tuple[PersonalData, ...]] = ("none", "pseudonymous", "personal", "secret")
"""From what anyone may read to what only the mailer may."""
PERSONAL_WORDS: Final = frozenset(
    {"email", "phone", "mobile", "fax", "address", "street", "postcode", "zip", "city", "surname", "complaint", "birth"}
)
PERSONAL_NAMES: Final = frozenset({"name", "first_name", "last_name", "full_name", "customer_name", "company_name"})
SECRET_WORDS: Final = frozenset({"password", "secret", "token"})
SECRET_NAMES: Final = frozenset(
    {"certificate_number", "activation_code", "verification_code", "code", "activation_key", "url"}
    | {"registration_url", "verification_url", "reset_url"}
)


def class_of_field(name: str) -> PersonalData:
    """The least class of a topic on which a field of this name may stand."""
    words = set(name.lower().split("_"))
    if name in SECRET_NAMES or words & SECRET_WORDS:
        return "secret"
    return "personal" if name in PERSONAL_NAMES or words & PERSONAL_WORDS else "pseudonymous"


def field_names(schema: Any) -> Iterator[str]:
    """Every field name in a JSON Schema, nested ones too."""
    if isinstance(schema, list):
        for each in schema:
            yield from field_names(each)
    elif isinstance(schema, dict):
        for word, value in schema.items():
            if word == "properties":
                yield from value
            yield from field_names(list(value.values()) if word in NAMED else value)


def too_personal(schema: Any, allowed: PersonalData) -> list[str]:
    """The fields of a schema that a topic of class `allowed` must not carry, in alphabetical order."""
    found = {name for name in field_names(schema) if RANK.index(class_of_field(name)) > RANK.index(allowed)}
    return sorted(name for name in found if class_of_field(name) != "pseudonymous")
