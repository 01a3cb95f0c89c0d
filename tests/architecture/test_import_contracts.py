"""The import contracts hold, and each of them bites: a copy of the tree with one wrong import is refused."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest
from tests.architecture.tree import ROOT

PACKAGES: Final = (
    "schemas/event_schemas",
    "chassis/chassis",
    "services/registration/registration_service",
    "services/activation/activation_service",
    "services/tickets/tickets_service",
    "services/notifications/notifications_service",
    "services/credits/credits_service",
    "deploy/local/aftercare_local",
)
LINT: Final = "from importlinter.cli import lint_imports_command; lint_imports_command()"
BREAKAGES: Final = {
    "No service imports another": (
        "services/credits/credits_service/ledger/domain.py",
        "import tickets_service.policy",
    ),
    "Schemas and chassis know no service": ("chassis/chassis/inbox.py", "import credits_service.policy"),
    "Schemas know no plumbing": ("schemas/event_schemas/credits.py", "import chassis.clock"),
    "Only chassis.kafka imports faust and aiokafka": (
        "services/tickets/tickets_service/tickets/handlers.py",
        "import aiokafka",
    ),
    "registration: imports go down": (
        "services/registration/registration_service/accounts/handlers.py",
        "import registration_service.products.handlers",
    ),
    "activation: imports go down": (
        "services/activation/activation_service/policy.py",
        "import activation_service.routes",
    ),
    "tickets: imports go down": (
        "services/tickets/tickets_service/coverage/domain.py",
        "import tickets_service.tickets.domain",
    ),
    "credits: imports go down": ("services/credits/credits_service/policy.py", "import credits_service.ledger.domain"),
    "notifications: imports go down": (
        "services/notifications/notifications_service/contacts/handlers.py",
        "import notifications_service.mails.handlers",
    ),
    "Inside a capability: api > handlers > store > domain": (
        "services/credits/credits_service/invoices/domain.py",
        "import credits_service.invoices.store",
    ),
}


def lint(folder: Path) -> str:
    """Run import-linter in a copy of the tree, whose packages come before the installed ones."""
    path = os.pathsep.join(str((folder / package).parent) for package in PACKAGES)
    done = subprocess.run(
        [sys.executable, "-c", LINT, "--no-cache"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("contracts")
    shutil.copy(ROOT / ".importlinter", folder)
    for package in PACKAGES:
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


@pytest.mark.requirement("ALL-03")
def test_every_contract_is_kept_and_every_contract_bites(copy: Path) -> None:
    assert "0 broken" in lint(copy)
    for file, wrong in BREAKAGES.values():
        target = copy / file
        target.write_text(f"{wrong}\n{target.read_text(encoding='utf-8')}", encoding="utf-8")
    report = lint(copy)
    spared = [name for name in BREAKAGES if f"{name} BROKEN" not in report]
    assert spared == [], report
