"""The embedded PostgreSQL: a real server with passwords, that survives being killed."""

import os
from collections.abc import Iterator
from socket import socket

import psutil
import psycopg
import pytest
from tests.support.stack import public_directory

from aftercare_local.databases import address_of
from aftercare_local.ports import free_port
from aftercare_local.postgres import PostgresServer
from aftercare_local.trouble import Trouble


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    with public_directory() as directory:
        server = PostgresServer(directory / "postgres", free_port())
        server.start()
        yield server
        server.stop()


def note(address: str, text: str) -> None:
    with psycopg.connect(address) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS note (text text NOT NULL)")
        connection.execute("INSERT INTO note VALUES (%s)", (text,))


def notes(address: str) -> list[str]:
    with psycopg.connect(address) as connection:
        return [row[0] for row in connection.execute("SELECT text FROM note ORDER BY text")]


@pytest.mark.parametrize("ending", ["stop", "kill", "stop_immediately"])
def test_what_was_committed_is_there_after_every_kind_of_end(server: PostgresServer, ending: str) -> None:
    address = server.ensure_database(f"kept_{ending}", "first password")
    note(address, "committed")
    getattr(server, ending)()
    with pytest.raises(psycopg.OperationalError):
        notes(address)
    server.start()
    assert notes(address) == ["committed"]


def test_a_wrong_password_is_refused(server: PostgresServer) -> None:
    server.ensure_database("guarded", "right")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(address_of(server.server, "guarded", "wrong", "guarded"))


def test_the_role_of_a_neighbour_is_refused(server: PostgresServer) -> None:
    server.ensure_database("ours", "of ours")
    server.ensure_database("theirs", "of theirs")
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        psycopg.connect(address_of(server.server, "theirs", "of theirs", "ours"))


def test_making_a_database_again_keeps_what_is_in_it(server: PostgresServer) -> None:
    note(server.ensure_database("twice", "old"), "first")
    assert notes(server.ensure_database("twice", "new")) == ["first"]


def test_it_listens_on_this_machine_alone_and_not_as_root(server: PostgresServer) -> None:
    process = psutil.Process(server.identity.pid)
    listening = {one.laddr.ip for one in process.net_connections() if one.status == psutil.CONN_LISTEN}
    assert listening == {"127.0.0.1"}
    assert process.uids().effective != 0 or os.geteuid() != 0


def test_every_commit_reaches_the_disk(server: PostgresServer) -> None:
    with psycopg.connect(server.server) as connection:
        settings = [connection.execute(f"SHOW {name}").fetchone() for name in ("fsync", "synchronous_commit")]
    assert settings == [("on",), ("on",)]


def test_a_port_in_use_is_told_with_its_holder_and_the_setting(tmp_path) -> None:
    with socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        with pytest.raises(Trouble) as caught:
            PostgresServer(tmp_path / "other", port).program.check()
    assert f"Port {port}" in str(caught.value)
    assert f"process {os.getpid()}" in str(caught.value)
    assert "AFTERCARE_POSTGRES_PORT=" in str(caught.value)


def test_a_server_that_cannot_start_shows_the_end_of_its_log(server: PostgresServer) -> None:
    address = server.ensure_database("later", "pw")
    server.stop()
    configuration = server.postgres.data / "postgresql.conf"
    sound = configuration.read_text()
    configuration.write_text(f"{sound}\nno_such_setting = on\n")
    with pytest.raises(Trouble, match="no_such_setting"):
        server.start()
    configuration.write_text(sound)
    server.start()
    note(address, "works again")
    assert notes(address) == ["works again"]
