#!/bin/sh
# Run on the finished environment: what running programs never read goes, the rest is compiled once and for all.
set -eu
packages="$(echo "$1"/lib/python*/site-packages)"
find "$packages" -depth -type d \( -name tests -o -name test -o -name __pycache__ \) -exec rm -r {} +
find "$packages" -type f \( -name '*.pyi' -o -name '*.pyx' -o -name '*.pxd' -o -name '*.c' -o -name '*.h' -o -name '*.cpp' \) -delete
# A third of the whole is debug symbols. psycopg_binary keeps its own: patchelf has moved things in there.
find "$packages" -name '*.so' -not -path '*/psycopg_binary*' -exec strip --strip-unneeded {} +
"$1"/bin/python -m compileall -q -j 0 "$packages"
