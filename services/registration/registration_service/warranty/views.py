"""What the public may see of a product: its warranty and its services, nobody's name and no number but its own."""

from datetime import date, datetime

from pydantic import BaseModel, ConfigDict

from registration_service.offers.domain import Names
from registration_service.policy import Policy
from registration_service.warranty.domain import Line, State, by_product, still_told


class ServiceView(BaseModel):
    """A service of the product: redeemed for it, or part of a contract."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    service_reference: str
    service_name: str
    """In the reader's language."""
    state: State
    """`registered`: to be activated; `active`: being set up; `operational`; `ended`: the last day is over."""
    operational_from: datetime | None
    """End of the set-up; null as long as the service is only registered, and when it ends before."""
    ends_on: date | None
    """Last day, inclusive; null as long as the service is only registered."""


class CheckedProduct(BaseModel):
    """A registered product with this serial number; another one has another model."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    model: str
    under_warranty: bool
    """Whether `checked_on` lies in its standard warranty; a service may go on for longer."""
    warranty_starts_on: date
    warranty_ends_on: date
    """Last day, inclusive."""
    services: list[ServiceView]
    """In the order in which they were registered; without those that were taken back, or ended and came anew."""


class WarrantyCheck(BaseModel):
    """What is registered under a serial number; `products` is empty for a number that nobody registered."""

    model_config = ConfigDict(
        use_attribute_docstrings=True,
        json_schema_extra={
            "examples": [
                {
                    "brand": "dynabook",
                    "serial": "9H0123456X",
                    "checked_on": "2026-11-22",
                    "products": [
                        {
                            "model": "PT5B1E-0K601",
                            "under_warranty": True,
                            "warranty_starts_on": "2026-11-20",
                            "warranty_ends_on": "2027-11-19",
                            "services": [
                                {
                                    "service_reference": "PPCP013FR-VGAD",
                                    "service_name": "Pack Pro Connect 3 years",
                                    "state": "active",
                                    "operational_from": "2026-11-24T09:00:00Z",
                                    "ends_on": "2029-11-21",
                                }
                            ],
                        }
                    ],
                }
            ]
        },
    )

    brand: str
    serial: str
    """As it was understood: in capitals."""
    checked_on: date
    """Today, where the brand is."""
    products: list[CheckedProduct]


def products_of(lines: list[Line], policy: Policy, today: date, names: Names) -> list[CheckedProduct]:
    """Lines as the public sees them on a day."""
    return [
        CheckedProduct(
            model=product.model,
            under_warranty=product.purchased_on <= today <= product.warranty_ends_on,
            warranty_starts_on=product.purchased_on,
            warranty_ends_on=product.warranty_ends_on,
            services=[_service(line, policy, today, names) for line in still_told(services, today)],
        )
        for product, services in by_product(lines)
    ]


def _service(line: Line, policy: Policy, today: date, names: Names) -> ServiceView:
    reference = line.service_reference or ""
    return ServiceView(
        service_reference=reference,
        service_name=names.of(policy.brand, reference),
        state=line.state_on(today),
        operational_from=line.operational_from(policy.zone),
        ends_on=line.ends_on,
    )
