"""What a process is told by its environment, and nothing else; every variable starts with `AFTERCARE_`."""

import sys
from pathlib import Path
from tempfile import gettempdir
from typing import Final, Literal, Self, TypeVar

from pydantic import Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

SECRET: Final = ("DATABASE_URL", "KAFKA_PASSWORD")


class Settings(BaseSettings):
    """Settings that every service has; a service with more of its own inherits from it."""

    model_config = SettingsConfigDict(env_prefix="AFTERCARE_", frozen=True, use_attribute_docstrings=True)

    environment: Literal["development", "test", "production"] = "production"
    database_url: str = Field(pattern="^postgresql://")
    """`postgresql://user:password@host:port/database`"""
    kafka: str
    """Bootstrap servers, `host:port[,host:port]`."""
    kafka_user: str = ""
    kafka_password: str = ""
    topic_prefix: str = Field(default="", pattern=r"^[a-z0-9-]*$")
    """Put before topic and consumer group names, so that several stacks can share a broker."""
    http_host: str = "127.0.0.1"
    http_port: int = Field(default=8100, ge=0, le=65535)
    clock_file: Path | None = None
    """Seconds to add to the present; refused in production."""
    token_keys: Path | None = None
    """JWKS file with the public keys that sign access tokens."""
    token_issuer: str = "aftercare"
    token_audience: str = "aftercare"
    runner: Literal["faust", "plain"] = "faust"
    log_format: Literal["json", "console"] = "json"
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    policies: Path | None = None
    """Directory with more brands: `<directory>/<service>/<brand>.toml`."""
    data_dir: Path = Path(gettempdir()) / "aftercare"
    """Scratch space; nothing in it has to survive."""
    document_bytes_daily: int = Field(default=500 * 1024 * 1024, ge=1)
    """So many bytes of files one owner may bring in a day (UTC); callers who see every file have no limit."""
    database_connections: int = Field(default=10, ge=2, le=200)
    dead_letter_limit: int = Field(default=100, ge=1)
    """So many dead letters within a minute stop the consumer."""
    kill_at: str = ""
    """Name of a fault point at which the process kills itself; for fault tests only."""

    @model_validator(mode="after")
    def _nothing_playful_in_production(self) -> Self:
        for field in ("clock_file", "kill_at"):
            if self.environment == "production" and getattr(self, field):
                raise ValueError(f"AFTERCARE_{field.upper()} must not be set in production")
        return self


S = TypeVar("S", bound=Settings)


def read_settings(model: type[S]) -> S:
    """The settings of this process; a wrong or missing variable ends it with a sentence for each."""
    try:
        return model()
    except ValidationError as error:
        for problem in error.errors():
            name = "_".join(str(part) for part in problem["loc"]).upper()
            shown = "" if problem["type"] == "missing" or name in SECRET else f" (got {problem['input']!r})"
            print(f"AFTERCARE_{name}: {problem['msg']}{shown}" if name else problem["msg"], file=sys.stderr)
        raise SystemExit(2) from None
