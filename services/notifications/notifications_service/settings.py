"""Where mails are handed over."""

from pydantic import Field

from chassis.settings import Settings


class MailSettings(Settings):
    """The chassis' settings and the mail server's; every variable starts with `AFTERCARE_`."""

    smtp_host: str = "127.0.0.1"
    smtp_port: int = Field(default=8025, ge=1, le=65535)
    smtp_user: str = ""
    """Empty: the server takes mail without a login."""
    smtp_password: str = ""
    smtp_from: str = Field(default="", pattern=r"^([^@\s<>]+@[^@\s<>]+)?$")
    """One sender for all brands; empty: each brand writes from the contact address of its policy."""
    smtp_timeout_seconds: float = Field(default=20.0, gt=0, le=25)
    """For one mail as a whole; below the 30 s after which the database ends a transaction that only waits."""
