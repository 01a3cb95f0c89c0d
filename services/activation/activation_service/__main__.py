"""`python -m activation_service api | worker | relay | all | migrate | redrive`."""

from typing import Final

from activation_service.activations.api import router as activations
from activation_service.codes.api import router as codes
from activation_service.contracts.api import router as contracts
from activation_service.copies.api import router as copies
from activation_service.disputes.api import router as disputes
from activation_service.documents.handlers import forget_unused_documents
from activation_service.offers.api import router as offers
from activation_service.offers.catalogue import publish_catalogue
from activation_service.policy import BOOK
from activation_service.products.api import router as products
from activation_service.redemptions.api import router as redemptions
from activation_service.redemptions.forgetting import forget_transfers
from activation_service.releases.api import router as releases
from activation_service.requests.api import products as product
from activation_service.requests.api import router as requests
from activation_service.routes import ALARMS, HEARS
from activation_service.sites.api import router as sites
from activation_service.software.api import router as licences
from activation_service.terminations.api import router as terminations
from chassis.http.documents import router as documents
from chassis.main import main
from chassis.service import Service

SERVICE: Final = Service(
    name="activation",
    policies=BOOK,
    routers=(
        codes,
        requests,
        product,
        offers,
        products,
        sites,
        activations,
        redemptions,
        contracts,
        terminations,
        copies,
        licences,
        releases,
        disputes,
        documents,
    ),
    hears=HEARS,
    alarms=ALARMS,
    errands=(
        publish_catalogue,
        forget_transfers,
        forget_unused_documents,
    ),
)

if __name__ == "__main__":
    main(SERVICE)
