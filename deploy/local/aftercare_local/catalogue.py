"""Nothing can be ordered until registration has heard from activation what is sold (ACT-04)."""

import time
from typing import Final

import httpx

from aftercare_local.trouble import Trouble

POLL_SECONDS: Final = 0.1


def await_catalogue(port: int, seconds: float, reference: str = "") -> None:
    """Wait until registration on this port sells something of every brand, and the service with this reference.

    Trouble when that takes longer.
    """
    deadline = time.monotonic() + seconds
    while not _is_known(port, reference):
        if time.monotonic() > deadline:
            raise Trouble(
                f"After {seconds:.0f} s registration has not heard which services are sold: activation publishes them "
                "when it starts. See `aftercare status` and `aftercare logs activation`."
            )
        time.sleep(POLL_SECONDS)


def _is_known(port: int, reference: str) -> bool:
    try:
        answer = httpx.get(f"http://127.0.0.1:{port}/brands", timeout=5)
    except httpx.HTTPError:
        return False
    if answer.is_error:
        return False
    sold = [{service["reference"] for service in brand["services"]} for brand in answer.json()["items"]]
    return all(sold) and (not reference or any(reference in references for references in sold))
