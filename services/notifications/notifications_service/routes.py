"""Everything that notifications hears, on one screen."""

from typing import Final

from chassis.routes import on
from event_schemas.activation import (
    ActivationCancelled,
    ActivationHeld,
    ActivationRefused,
    CodeLapsed,
    CodeLapsing,
    ServiceActivated,
    ServiceEnded,
    ServiceOperational,
)
from event_schemas.activation_contracts import (
    ContractChanged,
    ContractExpired,
    ContractExpiring,
    ContractOpened,
    ContractRenewed,
    ContractTerminated,
    DisputeOpened,
    LicenceIssued,
    LicenceMaintenanceLapsed,
    LicenceMaintenanceReinstated,
)
from event_schemas.activation_mail import DisputeAnswered, ReviewAnswered
from event_schemas.activation_offers import OfferPublished
from event_schemas.contacts import ContactChanged
from event_schemas.credits import CreditIssued, CreditRefused
from event_schemas.registration import CodeRefused, ProductRegistered, RegistrationCancelled
from event_schemas.registration_cases import MoveAssigned, MoveExecuted, ProductTransferred, RegistrationContested
from event_schemas.registration_dossiers import DossierCompleted
from event_schemas.registration_mail import (
    ApprovalAnswered,
    ApprovalRequested,
    CertificateIssued,
    CodesSent,
    ContestAnswered,
    MoveAnswered,
    PasswordChanged,
    PasswordResetRequested,
    SignUpRepeated,
    VerificationRequested,
)
from event_schemas.tickets import (
    CoverageDecided,
    CoverageRevised,
    ReceivedByServiceCentre,
    RepairFinished,
    ReturnAccepted,
    ReturnRefused,
    ReturnRequested,
)
from notifications_service.mails.handlers import queue_mails, release_mails
from notifications_service.offers.handlers import note_offer

HEARS: Final = (
    on(ContactChanged, release_mails),
    on(OfferPublished, note_offer),
    on(VerificationRequested, queue_mails),
    on(SignUpRepeated, queue_mails),
    on(PasswordResetRequested, queue_mails),
    on(PasswordChanged, queue_mails),
    on(ApprovalRequested, queue_mails),
    on(ApprovalAnswered, queue_mails),
    on(CertificateIssued, queue_mails),
    on(CodesSent, queue_mails),
    on(DossierCompleted, queue_mails),
    on(ProductRegistered, queue_mails),
    on(RegistrationCancelled, queue_mails),
    on(RegistrationContested, queue_mails),
    on(ContestAnswered, queue_mails),
    on(ProductTransferred, queue_mails),
    on(MoveAssigned, queue_mails),
    on(MoveAnswered, queue_mails),
    on(MoveExecuted, queue_mails),
    on(CodeRefused, queue_mails),
    on(ServiceActivated, queue_mails),
    on(ServiceOperational, queue_mails),
    on(ActivationRefused, queue_mails),
    on(ServiceEnded, queue_mails),
    on(ActivationHeld, queue_mails),
    on(ReviewAnswered, queue_mails),
    on(ActivationCancelled, queue_mails),
    on(CodeLapsing, queue_mails),
    on(CodeLapsed, queue_mails),
    on(ContractOpened, queue_mails),
    on(ContractChanged, queue_mails),
    on(ContractRenewed, queue_mails),
    on(ContractExpiring, queue_mails),
    on(ContractExpired, queue_mails),
    on(ContractTerminated, queue_mails),
    on(DisputeOpened, queue_mails),
    on(DisputeAnswered, queue_mails),
    on(LicenceIssued, queue_mails),
    on(LicenceMaintenanceLapsed, queue_mails),
    on(LicenceMaintenanceReinstated, queue_mails),
    on(CoverageDecided, queue_mails),
    on(CoverageRevised, queue_mails),
    on(ReceivedByServiceCentre, queue_mails),
    on(RepairFinished, queue_mails),
    on(ReturnRequested, queue_mails),
    on(ReturnAccepted, queue_mails),
    on(ReturnRefused, queue_mails),
    on(CreditIssued, queue_mails),
    on(CreditRefused, queue_mails),
)
