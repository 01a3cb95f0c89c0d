"""Which offer a certificate is for, and whether it may run on a model (ACT-01, ACT-04)."""

from fnmatch import fnmatchcase

from activation_service.policy import Offer, Policy
from event_schemas.activation import ActivationRefusal


def covers(offer: Offer, model: str) -> bool:
    """Whether one of the offer's patterns fits this model."""
    return any(fnmatchcase(model, pattern) for pattern in offer.models)


def applicable(policy: Policy, model: str | None) -> list[Offer]:
    """The brand's offers in the policy's order; those for one model when it is named."""
    return [offer for offer in policy.offers if model is None or covers(offer, model)]


def offer_for(policy: Policy, reference: str, model: str) -> Offer | ActivationRefusal:
    """The offer of that reference when it is for this model, else why not."""
    offer = next((each for each in policy.offers if each.reference == reference), None)
    if offer is None:
        return ActivationRefusal.OFFER_UNKNOWN
    return offer if covers(offer, model) else ActivationRefusal.MODEL_NOT_COVERED
