"""A row as the form's own command, and what the form says to it as the row's outcome (REG-20)."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from pydantic import ValidationError

from chassis.http.problems import refusal_of
from chassis.transact import Accepted, Refusal
from registration_service.certificates.domain import as_issued
from registration_service.contests.handlers import ContestView
from registration_service.dossiers.columns import DATE_FORMS, day_of
from registration_service.dossiers.domain import Dossier, Fault, Outcome, Row, Settled, awaiting
from registration_service.policy import policy_of
from registration_service.products.domain import canonical
from registration_service.registrations.handlers import RegisterProduct
from registration_service.registrations.views import RegistrationView

LONGEST_VALUE: Final = 100
_COLUMN_AT: Final = {
    "/serial": "serial",
    "/certificate": "certificate",
    "/service_reference": "service_reference",
    "/model": "model",
    "/purchased_on": "purchase_date",
    "/customer/name": "last_name",
    "/customer/email": "email",
    "/customer/company": "company",
    "/customer/phone": "phone",
    "/customer/contact_channel": "contact_channel",
    "/customer/language": "language",
    "/customer/address/street": "address",
    "/customer/address/postal_code": "postal_code",
    "/customer/address/city": "city",
    "/customer/address/country": "country",
}
_PARKS: Final = {"certificate-unknown": "certificate", "model-unknown": "model"}


def command_of(row: Row, dossier: Dossier, languages: Mapping[str, str]) -> RegisterProduct | list[Fault]:
    """The command that a row is, or everything that is wrong with its cells. Raises UnknownBrand.

    `languages`: of known people, by address; whoever is new and says none is written to in the brand's first.
    """
    cells, faults = row.cells, []
    day = day_of(cells.get("purchase_date", ""))
    if day is None and "purchase_date" in cells:
        faults.append(Fault("date-malformed", "purchase_date", _short(cells["purchase_date"]), DATE_FORMS))
    said = {
        "brand": dossier.brand,
        "certificate": cells.get("certificate"),
        "serial": cells.get("serial"),
        "model": cells.get("model"),
        "purchased_on": day,
        "service_reference": cells.get("service_reference"),
        "registered_as": dossier.registered_as,
        "customer": _customer(cells, languages.get(address_of(row)) or policy_of(dossier.brand).languages[0]),
    }
    try:
        command = RegisterProduct.model_validate({name: value for name, value in said.items() if value is not None})
    except ValidationError as error:
        found = [_fault(refusal_of(one), cells) for one in error.errors(include_url=False)]
        faults += [one for one in found if one.column not in {fault.column for fault in faults}]
        return faults
    return command


def address_of(row: Row) -> str:
    """The customer's mail address as people are looked up by it."""
    return row.cells.get("email", "").lower()


def _customer(cells: Mapping[str, str], language: str) -> dict[str, Any]:
    country = cells.get("country", "")
    address = {
        "street": cells.get("address"),
        "postal_code": cells.get("postal_code"),
        "city": cells.get("city"),
        "country": country.upper() or None,
    }
    given = {name: value for name, value in address.items() if value}
    said = {
        "name": " ".join(cells[part] for part in ("first_name", "last_name") if part in cells) or None,
        "email": cells.get("email"),
        "language": cells.get("language", language),
        "company": cells.get("company"),
        "phone": cells.get("phone"),
        "contact_channel": cells.get("contact_channel"),
        "address": given or None,
    }
    return {name: value for name, value in said.items() if value is not None}


def _fault(refusal: Refusal, cells: Mapping[str, str]) -> Fault:
    column = _COLUMN_AT.get(refusal.pointer)
    # a certificate's number is not in the form's answer; here it stands in the sender's own file
    value = cells.get(column or "") if refusal.value is None else str(refusal.value)
    details = {name: _plain(told) for name, told in refusal.details.items()}
    return Fault(refusal.code, column, _short(value), _plain(refusal.accepted), details)


def settled(row: Row, outcome: Accepted | Refusal, dossier: Dossier) -> Settled:
    """What became of a row that the form has decided."""
    if isinstance(outcome, Accepted):
        return _accepted(row, outcome)
    fault = _fault(outcome, row.cells)
    kind = _PARKS.get(outcome.code)
    if kind is None:
        return Settled(row.position, Outcome.REFUSED, (fault,))
    number = as_issued(row.cells["certificate"]) if kind == "certificate" else canonical(row.cells["serial"])
    if not number:  # it has not even the form of one: it will never become known
        return Settled(row.position, Outcome.REFUSED, (fault,))
    return Settled(row.position, Outcome.PARKED, (fault,), awaiting(kind, dossier.brand, number))


def refused(row: Row, *faults: Fault) -> Settled:
    """A row that never reached the form, or at which our own code failed."""
    return Settled(row.position, Outcome.REFUSED, faults)


def known(row: Row, refusal: Refusal) -> Settled:
    """A row whose product, service and certificate belong together already, for the same customer."""
    product_id, redemption_id = (UUID(str(refusal.details[name])) for name in ("product_id", "redemption_id"))
    return Settled(row.position, Outcome.ALREADY_REGISTERED, product_id=product_id, redemption_id=redemption_id)


def _accepted(row: Row, accepted: Accepted) -> Settled:
    answer = accepted.answer
    if isinstance(answer, ContestView):
        return Settled(row.position, Outcome.CONTESTED, product_id=answer.product_id, contest_id=answer.contest_id)
    assert isinstance(answer, RegistrationView)
    ids = answer.product_id, answer.redemption_id
    return Settled(row.position, Outcome.REGISTERED, product_id=ids[0], redemption_id=ids[1])


def _short(value: str | None) -> str | None:
    return value if value is None or len(value) <= LONGEST_VALUE else value[:LONGEST_VALUE] + "…"


def _plain(value: Any) -> Any:
    """A value as JSON can keep it."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return [_plain(part) for part in value] if isinstance(value, list | tuple) else str(value)
