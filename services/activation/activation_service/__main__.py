"""`python -m activation_service api | worker | relay | all | migrate | redrive`."""

from typing import Final

from activation_service.activations.api import router as activations
from activation_service.activations.forgetting import forget_transfers
from activation_service.offers.api import router as offers
from activation_service.policy import BOOK
from activation_service.routes import ALARMS, HEARS
from chassis.main import main
from chassis.service import Service

SERVICE: Final = Service(
    name="activation",
    policies=BOOK,
    routers=(offers, activations),
    hears=HEARS,
    alarms=ALARMS,
    errands=(forget_transfers,),
)

if __name__ == "__main__":
    main(SERVICE)
