"""What registration alone is told by its environment."""

from typing import Annotated

from pydantic import Field

from chassis.settings import Settings


class RegistrationSettings(Settings):
    """The settings of every service, and where the links in mails lead."""

    public_url: Annotated[str, Field(pattern=r"^https?://[^\s?#]+[^\s?#/]$")] = "http://127.0.0.1:8101"
    """Base of the links in mails, without a slash at the end."""
