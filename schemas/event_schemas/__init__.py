"""The public language of Aftercare: one class per fact, by publisher; `CATALOGUE` has them by wire type."""

from event_schemas import (  # importing a module enters its facts into the catalogue
    activation,
    activation_codes,
    activation_contracts,
    activation_mail,
    activation_offers,
    contacts,
    credits,  # noqa: A004 (a publisher's name)
    notifications,
    registration,
    registration_accounts,
    registration_cases,
    registration_dossiers,
    registration_mail,
    service_centre,
    tickets,
)
from event_schemas.base import CATALOGUE, Event, Money, OpenEnum

__all__ = [
    "CATALOGUE",
    "Event",
    "Money",
    "OpenEnum",
    "activation",
    "activation_codes",
    "activation_contracts",
    "activation_mail",
    "activation_offers",
    "contacts",
    "credits",
    "notifications",
    "registration",
    "registration_accounts",
    "registration_cases",
    "registration_dossiers",
    "registration_mail",
    "service_centre",
    "tickets",
]
