"""Certificate numbers of several orders, sent as a file to the supplier's buyer (REG-11)."""

from collections.abc import Sequence
from typing import Annotated, Final
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from uuid6 import uuid7

from chassis.caller import Caller, Whose
from chassis.database import Tx
from chassis.transact import Accepted, Refusal
from event_schemas.registration_mail import CodesSent, IssuedCode
from registration_service.certificates import store
from registration_service.certificates.handlers import Reference
from registration_service.contacts.handlers import Person, recognise
from registration_service.offers.handlers import names_in
from registration_service.policy import BrandName, policy_of

MOST_NAMED: Final = 20


class SendCodes(BaseModel):
    """Whose certificates are sent to whom."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    brand: BrandName
    case_numbers: Annotated[list[Reference], Field(min_length=1, max_length=1000, examples=[["FR-2026-004711"]])]
    """The orders; one that is named twice is sent once."""
    recipient: Person


class CodeFileView(BaseModel):
    """A file on its way; the numbers are in the mail only."""

    code_file_id: UUID
    certificates: int = Field(examples=[1])
    """How many certificates are in it."""


async def send_codes(command: SendCodes, tx: Tx, by: Caller) -> Accepted | Refusal:
    """Say the numbers to the mailer, and nobody else; keep who asked for which orders. Raises UnknownBrand."""
    policy_of(command.brand)
    wanted = list(dict.fromkeys(command.case_numbers))
    rows = {row["case_number"]: row for row in await store.codes(tx, Whose.seen_by(by), command.brand, wanted)}
    if unknown := [case_number for case_number in wanted if case_number not in rows]:
        return _unknown(unknown, command.case_numbers)
    recipient = await recognise(command.recipient, command.brand, tx, "/recipient", by)
    if isinstance(recipient, Refusal):
        return recipient
    names = await names_in(command.recipient.language, [command.brand], tx)
    sent = CodesSent(
        brand=command.brand,
        code_file_id=uuid7(),
        recipient_id=recipient.contact_id,
        codes=tuple(
            IssuedCode(
                case_number=case_number,
                service_reference=(reference := rows[case_number]["service_reference"]),
                service_name=names.of(command.brand, reference),
                certificate_number=rows[case_number]["number"],
                quantity=rows[case_number]["quantity"],
                units_left=rows[case_number]["units_left"],
            )
            for case_number in wanted
        ),
    )
    await store.keep_code_file(tx, sent.code_file_id, command.brand, recipient.contact_id, wanted, by)
    view = CodeFileView(code_file_id=sent.code_file_id, certificates=len(wanted))
    return Accepted(view, (*recipient.facts, sent))


def _unknown(unknown: Sequence[str], asked: Sequence[str]) -> Refusal:
    named = ", ".join(unknown[:MOST_NAMED]) + (" …" if len(unknown) > MOST_NAMED else "")
    pointer = f"/case_numbers/{asked.index(unknown[0])}"
    return Refusal("case-numbers-unknown", 422, pointer, unknown[0], details={"unknown": named})
