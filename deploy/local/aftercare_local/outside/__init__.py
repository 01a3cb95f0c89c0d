"""Other people's systems, small but real: they know Aftercare by its topics alone and use whatever client they like."""

import os


def door(bootstrap: str, user: str) -> dict[str, str]:
    """How a partner signs in at the broker; the password is in AFTERCARE_PARTNER_PASSWORD."""
    return {
        "bootstrap_servers": bootstrap,
        "security_protocol": "SASL_PLAINTEXT",
        "sasl_mechanism": "PLAIN",
        "sasl_plain_username": user,
        "sasl_plain_password": os.environ["AFTERCARE_PARTNER_PASSWORD"],
    }
