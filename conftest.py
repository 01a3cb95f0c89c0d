"""Fixtures and the list of proofs, for every test of the repository."""

import chassis  # noqa: F401 - the package, before pytest takes the folder of the same name for it

pytest_plugins = ["tests.support.stack", "tests.support.policies", "tests.support.proofs"]
