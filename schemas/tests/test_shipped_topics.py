"""The topics must be there wherever the package is installed, not only in a checkout."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from event_schemas.folders import PACKAGE
from event_schemas.topics import load_topics


@pytest.mark.requirement("ALL-04")
def test_a_wheel_carries_the_same_topics_as_the_checkout(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path)]
    subprocess.run(build, cwd=PACKAGE.parent, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    installed = tmp_path / "installed"
    zipfile.ZipFile(wheel).extractall(installed)

    look = "import event_schemas.topics as t; print(t.__file__); print(*(x.topic for x in t.load_topics()))"
    environment = os.environ | {"PYTHONPATH": str(installed)}
    told = subprocess.run(
        [sys.executable, "-c", look], cwd=tmp_path, env=environment, check=True, capture_output=True, text=True
    )

    where, names = told.stdout.splitlines()
    assert Path(where).is_relative_to(installed)
    assert names.split() == [topic.topic for topic in load_topics()]
    assert not list(installed.glob("tests"))
