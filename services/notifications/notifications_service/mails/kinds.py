"""Which mails an event makes, and for whom (NTF-01)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final, TypeAlias, cast, get_args
from uuid import UUID

from event_schemas import Event
from event_schemas.registration_mail import PasswordResetRequested, VerificationRequested
from notifications_service.mails import kinds_of_activation, kinds_of_care, kinds_of_registration
from notifications_service.mails.told import Told

Mailed: TypeAlias = (
    kinds_of_registration.OfOneKind
    | kinds_of_registration.Varied
    | kinds_of_activation.OfOneKind
    | kinds_of_activation.Varied
    | kinds_of_care.OfOneKind
    | kinds_of_care.Varied
)
"""The events that are told by mail."""
ONE_KIND: Final[Mapping[type[Event], tuple[str, str]]] = {
    **kinds_of_registration.ONE_KIND,
    **kinds_of_activation.ONE_KIND,
    **kinds_of_care.ONE_KIND,
}
"""Events that make one mail, always of one kind -> the kind, and the field that names the recipient."""


def mails_of(event: Mailed) -> tuple[Told, ...]:
    """Each mail that an event makes; a recipient who is named twice gets the first (NTF-04)."""
    if one := ONE_KIND.get(type(event)):
        kind, field = one
        return (Told(kind, cast("UUID", getattr(event, field))),)
    if isinstance(event, get_args(kinds_of_registration.Varied)):
        return kinds_of_registration.varied(cast("kinds_of_registration.Varied", event))
    if isinstance(event, get_args(kinds_of_activation.Varied)):
        return kinds_of_activation.varied(cast("kinds_of_activation.Varied", event))
    return kinds_of_care.varied(cast("kinds_of_care.Varied", event))


def expires_at(event: Mailed) -> datetime | None:
    """From when on the event's mail must not go out any more; None: it never grows too old."""
    return event.expires_at if isinstance(event, VerificationRequested | PasswordResetRequested) else None


def asked_language(event: Mailed) -> str | None:
    """The language that was asked for with what the event is about; None: the person's."""
    return event.language if isinstance(event, VerificationRequested) else None
