"""Contacts over HTTP."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from chassis.http.commands import Run, command
from registration_service.contacts import handlers
from registration_service.contacts.handlers import ContactView, RememberContact

router = APIRouter(tags=["contacts"])


@router.post("/contacts", status_code=201, response_model=ContactView)
async def remember_contact(body: RememberContact, run: Annotated[Run, Depends(command("contacts:write"))]) -> Response:
    """Remember a person (REG-12, NTF-03); an address is one contact of a brand, with its newest name and language."""
    return await run(partial(handlers.remember_contact, by=run.caller), body)
