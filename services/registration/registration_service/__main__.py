"""`python -m registration_service api | worker | relay | all | migrate | redrive`."""

from typing import Final

from chassis.main import main
from chassis.service import Service
from registration_service.accounts.api import router as accounts
from registration_service.certificates.api import router as certificates
from registration_service.policy import BOOK
from registration_service.products.api import router as products
from registration_service.routes import HEARS
from registration_service.settings import RegistrationSettings

SERVICE: Final = Service(
    name="registration",
    policies=BOOK,
    routers=(accounts, certificates, products),
    hears=HEARS,
    settings=RegistrationSettings,
)

if __name__ == "__main__":
    main(SERVICE)
