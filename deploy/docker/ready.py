#!/usr/bin/env python3
"""Ends with 0 when this container's process says that it is ready; cheap enough to run every few seconds."""

import os
import socket

port = int(os.environ["AFTERCARE_HTTP_PORT"])
with socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
    connection.sendall(b"GET /readyz HTTP/1.0\r\n\r\n")
    answer = connection.recv(64)
raise SystemExit(0 if b" 200 " in answer else f"not ready: {answer[:40]!r}")
