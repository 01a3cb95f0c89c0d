"""`python -m registration_service api | worker | relay | all | migrate | redrive`."""

from typing import Final

from chassis.http.documents import router as documents
from chassis.main import main
from chassis.service import Service
from registration_service.accounts.api import router as accounts
from registration_service.allowances.handlers import forget_addresses
from registration_service.announcements.api import router as announcements
from registration_service.brands.api import router as brands
from registration_service.certificates.api import router as certificates
from registration_service.contacts.api import router as contacts
from registration_service.contests.api import router as contests
from registration_service.documents.handlers import forget_unused_documents
from registration_service.dossiers.api import router as dossiers
from registration_service.dossiers.runner import run_dossiers
from registration_service.members.api import router as members
from registration_service.moves.api import router as moves
from registration_service.organisations.api import router as organisations
from registration_service.organisations.forgetting import forget_searches
from registration_service.policy import BOOK
from registration_service.products.api import router as products
from registration_service.registrations.api import products as standalone_products
from registration_service.registrations.api import router as registrations
from registration_service.registrations.guesses import forget_guesses
from registration_service.routes import ALARMS, HEARS
from registration_service.sessions.api import router as sessions
from registration_service.sessions.forgetting import forget_expired
from registration_service.settings import RegistrationSettings
from registration_service.transfers.api import router as transfers
from registration_service.units.api import router as units
from registration_service.warranty.api import router as warranty

SERVICE: Final = Service(
    name="registration",
    policies=BOOK,
    routers=(
        documents,
        contacts,
        accounts,
        sessions,
        organisations,
        members,
        brands,
        announcements,
        certificates,
        products,
        standalone_products,
        units,
        contests,
        registrations,
        transfers,
        moves,
        warranty,
        dossiers,
    ),
    hears=HEARS,
    alarms=ALARMS,
    errands=(forget_addresses, forget_expired, forget_guesses, forget_searches, forget_unused_documents, run_dossiers),
    settings=RegistrationSettings,
)

if __name__ == "__main__":
    main(SERVICE)
