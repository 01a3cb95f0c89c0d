"""Contacts over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from chassis.http.commands import Run, command
from registration_service.accounts import handlers
from registration_service.accounts.handlers import ContactView, RememberContact

router = APIRouter(tags=["accounts"])


@router.post("/contacts", status_code=201, response_model=ContactView)
async def remember_contact(body: RememberContact, run: Annotated[Run, Depends(command("contacts:write"))]) -> Response:
    """Remember a person; the same address of a brand is the same contact, with its newest name and language."""
    return await run(handlers.remember_contact, body)
