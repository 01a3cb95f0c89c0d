"""`python -m tickets_service api | worker | relay | all | migrate | redrive`; the only place that knows everything."""

from typing import Final

from chassis.main import main
from chassis.service import Service
from tickets_service.coverage.api import router as coverage
from tickets_service.policy import BOOK
from tickets_service.routes import HEARS
from tickets_service.tickets.api import router

SERVICE: Final = Service(name="tickets", policies=BOOK, routers=(router, coverage), hears=HEARS)

if __name__ == "__main__":
    main(SERVICE)
