"""Ports of 127.0.0.1: find a free one, or say who holds the one that is wanted."""

import socket

import psutil

from aftercare_local.trouble import Trouble


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def holder_of(port: int) -> str:
    """Who listens there, as "name (process 123)"; "another program" when the system does not tell."""
    try:
        listening = [one for one in psutil.net_connections("tcp") if one.status == psutil.CONN_LISTEN and one.laddr]
        pid = next((one.pid for one in listening if one.pid and tuple(one.laddr)[1] == port), None)
        return f"{psutil.Process(pid).name()} (process {pid})" if pid else "another program"
    except psutil.Error:
        return "another program"


def require_free(port: int, what: str, setting: str) -> None:
    """Raise Trouble unless the port is free; names the setting that moves it elsewhere."""
    if not is_free(port):
        raise Trouble(
            f"Port {port}, meant for {what}, is in use by {holder_of(port)}. "
            f"Stop that program, or choose another port: {setting}={port + 1000} aftercare up"
        )


def accepts(port: int) -> bool:
    """Whether something takes connections there within half a second."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=0.5).close()
    except OSError:
        return False
    return True
