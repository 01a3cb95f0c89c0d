"""What may be set for the stack of one machine: environment variables with the prefix AFTERCARE_."""

from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

CHECKOUT: Final = Path(__file__).resolve().parents[3]
SERVICES: Final = ("registration", "activation", "tickets", "notifications", "credits")
Port = Annotated[int, Field(ge=1024, le=65535)]


class LocalSettings(BaseSettings):
    """Where the stack keeps its state, which servers it uses and on which ports of 127.0.0.1 it listens."""

    model_config = SettingsConfigDict(env_prefix="AFTERCARE_", extra="ignore")

    home: Path = CHECKOUT / ".aftercare"
    kafka: str | None = None  # host:port of a cluster to use instead of starting one
    postgres: str | None = None  # postgresql:// address of a superuser, instead of starting a server
    runner: Literal["faust", "plain"] = "faust"
    policies: Path | None = None
    partner_passwords: dict[str, str] = {}  # of outside systems at the broker; made up for those that are not named
    postgres_port: Port = 15432
    kafka_port: Port = 19092
    kafka_controller_port: Port = 19093
    kafka_partners_port: Port = 19094
    smtp_port: Port = 8025
    mail_port: Port = 8026
    registration_port: Port = 8101
    activation_port: Port = 8102
    tickets_port: Port = 8103
    notifications_port: Port = 8104
    credits_port: Port = 8105

    def port_of(self, service: str) -> int:
        port: int = getattr(self, f"{service}_port")
        return port

    @property
    def bootstrap(self) -> str:
        """Where clients reach Kafka, as host:port."""
        return self.kafka or f"127.0.0.1:{self.kafka_port}"
