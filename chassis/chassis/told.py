"""What may be told of an error: enough to find its cause, nothing of the data it happened to (ALL-05).

A database's own message can quote a whole row, and a validation error the value at fault; both may be personal.
"""

import traceback

import asyncpg
from pydantic import ValidationError


def told(error: BaseException) -> str:
    """One line for logs, dead letters and tables of failures; at most 1,000 characters that a text column takes."""
    if isinstance(error, asyncpg.PostgresError):
        where = " ".join(filter(None, (getattr(error, "table_name", None), getattr(error, "constraint_name", None))))
        return f"{type(error).__name__} {error.sqlstate} {where}".rstrip()
    if isinstance(error, ValidationError):
        found = [f"/{'/'.join(map(str, one['loc']))}: {one['type']}" for one in error.errors(include_input=False)]
        return plain(f"{error.title}: {'; '.join(found[:5])}")
    if str(error) and type(error).__module__.partition(".")[0].endswith(("chassis", "_service")):
        return plain(str(error))  # our own sentences name field, value and what would be accepted
    return plain(f"{type(error).__name__}: {error}" if str(error) else type(error).__name__)


def frames(error: BaseException) -> str:
    """Where an error came from, without its message: the innermost eight calls."""
    return "".join(traceback.format_tb(error.__traceback__)[-8:])


def plain(text: str) -> str:
    """At most 1,000 characters that a text column takes: no NUL, no lone surrogate."""
    return text[:1000].replace("\x00", "�").encode("utf-8", "replace").decode()
