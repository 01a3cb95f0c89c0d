"""One database and one role a service, on a server of ours or on any other."""

from urllib.parse import quote, urlsplit, urlunsplit

import psycopg
from psycopg import sql

from aftercare_local.trouble import Trouble


def address_of(server: str, role: str, password: str, database: str) -> str:
    """The postgresql:// address of a database, given the address of its server."""
    parts = urlsplit(server)
    host = f"{parts.hostname}:{parts.port or 5432}"
    return urlunsplit(("postgresql", f"{quote(role)}:{quote(password)}@{host}", f"/{quote(database)}", parts.query, ""))


def answers(server: str) -> bool:
    """Whether the server runs a query."""
    try:
        with psycopg.connect(server, connect_timeout=2) as connection:
            connection.execute("SELECT 1")
    except psycopg.OperationalError:
        return False
    return True


def ensure_database(server: str, name: str, password: str) -> str:
    """Create the role and the database of that name, owned by it and closed to others; returns its address.

    Doing it again changes nothing but the password. `server` is the address of a superuser.
    """
    role, secret = sql.Identifier(name), sql.Literal(password)
    try:
        with psycopg.connect(server, autocommit=True, connect_timeout=5) as connection:
            if not connection.execute("SELECT FROM pg_roles WHERE rolname = %s", (name,)).rowcount:
                connection.execute(sql.SQL("CREATE ROLE {}").format(role))
            connection.execute(sql.SQL("ALTER ROLE {} LOGIN PASSWORD {}").format(role, secret))
            if not connection.execute("SELECT FROM pg_database WHERE datname = %s", (name,)).rowcount:
                connection.execute(sql.SQL("CREATE DATABASE {} OWNER {} STRATEGY file_copy").format(role, role))
            connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(role))
    except psycopg.OperationalError as error:
        host = urlsplit(server)
        raise Trouble(
            f"PostgreSQL at {host.hostname}:{host.port} cannot be used: {str(error).strip()}. "
            "`aftercare doctor` looks for the cause."
        ) from error
    return address_of(server, name, password, name)


def drop_database(server: str, name: str) -> None:
    """Remove the database of that name and its role, also while somebody is connected."""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        connection.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(name)))
