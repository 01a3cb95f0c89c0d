"""`python -m credits_service api | worker | relay | all | migrate | redrive`."""

from typing import Final

from chassis.main import main
from chassis.service import Service
from credits_service.invoices.api import router as invoices
from credits_service.notes.api import router as notes
from credits_service.policy import BOOK
from credits_service.routes import HEARS

SERVICE: Final = Service(name="credits", policies=BOOK, routers=(invoices, notes), hears=HEARS)

if __name__ == "__main__":
    main(SERVICE)
