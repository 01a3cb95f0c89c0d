#!/bin/sh
# Run in the last stage of every image: nothing that installs software stays, and there is a user who is not root.
set -eu
python - <<'P'
import shutil
from importlib.util import find_spec

for name in ("pip", "setuptools", "pkg_resources", "wheel", "ensurepip"):
    if spec := find_spec(name):
        shutil.rmtree(spec.submodule_search_locations[0])
P
rm -f /usr/local/bin/pip* /usr/bin/pip* /usr/local/bin/wheel /usr/bin/wheel
useradd --uid "$1" --user-group --no-create-home --home-dir /tmp --shell /usr/sbin/nologin aftercare
install -d -o aftercare -g aftercare /scratch # a volume mounted here belongs to the user
