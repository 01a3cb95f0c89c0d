"""Ask a program over HTTP whether it does its work."""

from http import HTTPStatus
from http.client import HTTPConnection, HTTPException


def is_ready(port: int, path: str = "/readyz") -> bool:
    """Whether 127.0.0.1 answers 200 on that port within a second."""
    connection = HTTPConnection("127.0.0.1", port, timeout=1)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == HTTPStatus.OK
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
