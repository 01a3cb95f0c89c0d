"""Everything that notifications hears, on one screen."""

from typing import Final

from chassis.routes import on
from event_schemas.activation import ActivationRefused, ServiceActivated, ServiceOperational
from event_schemas.contacts import ContactChanged
from event_schemas.credits import CreditIssued, CreditRefused
from event_schemas.registration import ProductRegistered, RegistrationCancelled
from event_schemas.registration_mail import CertificateIssued
from event_schemas.tickets import (
    CoverageDecided,
    CoverageRevised,
    ReceivedByServiceCentre,
    RepairFinished,
    ReturnAccepted,
    ReturnRefused,
    ReturnRequested,
)
from notifications_service.mails.handlers import queue_cancellation, queue_mail, release_mails

HEARS: Final = (
    on(ContactChanged, release_mails),
    on(CertificateIssued, queue_mail),
    on(ProductRegistered, queue_mail),
    on(RegistrationCancelled, queue_cancellation),
    on(ServiceActivated, queue_mail),
    on(ServiceOperational, queue_mail),
    on(ActivationRefused, queue_mail),
    on(CoverageDecided, queue_mail),
    on(CoverageRevised, queue_mail),
    on(ReceivedByServiceCentre, queue_mail),
    on(RepairFinished, queue_mail),
    on(ReturnRequested, queue_mail),
    on(ReturnAccepted, queue_mail),
    on(ReturnRefused, queue_mail),
    on(CreditIssued, queue_mail),
    on(CreditRefused, queue_mail),
)
