"""Everything that notifications hears, on one screen."""

from typing import Final

from chassis.routes import on
from event_schemas.activation import ActivationRefused, ServiceActivated, ServiceEnded, ServiceOperational
from event_schemas.contacts import ContactChanged
from event_schemas.credits import CreditIssued, CreditRefused
from event_schemas.registration import ProductRegistered, RegistrationCancelled
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
from notifications_service.mails.handlers import queue_cancellation, queue_mails, release_mails

HEARS: Final = (
    on(ContactChanged, release_mails),
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
    on(RegistrationCancelled, queue_cancellation),
    on(RegistrationContested, queue_mails),
    on(ContestAnswered, queue_mails),
    on(ProductTransferred, queue_mails),
    on(MoveAssigned, queue_mails),
    on(MoveAnswered, queue_mails),
    on(MoveExecuted, queue_mails),
    on(ServiceActivated, queue_mails),
    on(ServiceOperational, queue_mails),
    on(ActivationRefused, queue_mails),
    on(ServiceEnded, queue_mails),
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
