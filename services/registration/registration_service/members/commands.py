"""What people ask about belonging to an organisation, and what they are told (REG-03, REG-04)."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from registration_service.accounts.commands import Asked
from registration_service.contacts.domain import PRINTABLE
from registration_service.members.domain import JoinRequest, JoinState

Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=500, pattern=PRINTABLE)]


class RequestJoin(Asked):
    """An organisation that a search found."""

    organisation_id: UUID


class ApproveJoin(Asked):
    """Let somebody in."""

    join_request_id: UUID


class WithdrawJoin(Asked):
    """Not to wait any longer."""

    join_request_id: UUID


class RefusalReason(Asked):
    """Why somebody is not let in; mailed to them."""

    reason: Reason = Field(examples=["Not a colleague of ours"])


class RefuseJoin(RefusalReason):
    """Do not let somebody in."""

    join_request_id: UUID


class RemoveMember(Asked):
    """Let a member go."""

    account_id: UUID


class LeaveOrganisation(Asked):
    """Not to belong to one's organisation any longer."""


class NewRole(Asked):
    """Promote or demote."""

    role: Literal["dealer-member", "dealer-admin"] = Field(examples=["dealer-admin"])


class ChangeRole(NewRole):
    """Promote or demote a member."""

    account_id: UUID


class JoinRequestView(BaseModel):
    """A request and what became of it."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    join_request_id: UUID
    organisation_id: UUID
    account_id: UUID
    state: JoinState = Field(examples=["pending"])
    reason: str | None = Field(examples=[None])
    """Given with a refusal."""
    requested_at: datetime
    decided_at: datetime | None


class ListedJoinRequest(JoinRequestView):
    """A request with who applies."""

    applicant_name: str = Field(examples=["Jan Peeters"])
    applicant_email: str = Field(examples=["jan.peeters@example.com"])


class MemberView(BaseModel):
    """Who belongs to an organisation."""

    account_id: UUID
    name: str = Field(examples=["Jan Peeters"])
    email: str = Field(examples=["jan.peeters@example.com"])
    phone: str | None = Field(examples=["+3225550100"])
    role: Literal["dealer-member", "dealer-admin"] = Field(examples=["dealer-member"])


class RemovedView(BaseModel):
    """The account is no member any more; its files stay with the organisation."""

    account_id: UUID
    state: Literal["verified"] = "verified"


def join_view(one: JoinRequest) -> JoinRequestView:
    """As the applicant sees it."""
    return JoinRequestView.model_validate(one, from_attributes=True)
