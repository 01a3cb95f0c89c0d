#!/bin/sh
# Run on the finished environment: what running programs never read goes, the rest is compiled once and for all.
set -eu
packages="$(echo "$1"/lib/python*/site-packages)"
find "$packages" -depth -type d \( -name tests -o -name test -o -name __pycache__ \) -exec rm -r {} +
find "$packages" -type f \( -name '*.pyi' -o -name '*.pyx' -o -name '*.pxd' -o -name '*.c' -o -name '*.h' -o -name '*.cpp' \) -delete
# Names of places that belong to telephone numbers, locales that nobody writes in, a picture format that is not accepted.
rm -rf "$packages/phonenumbers/geodata" "$packages/phonenumbers/carrierdata" "$packages"/PIL/_avif.* "$packages"/pillow.libs/libavif-*
# Of the library of fonts only what cuts one down for a PDF; its compiled parts have twins in Python.
rm -rf "$packages"/fontTools/ufoLib "$packages"/fontTools/qu2cu "$packages"/fontTools/mtiLib "$packages"/fontTools/merge \
  "$packages"/fontTools/voltLib "$packages"/fontTools/diff "$packages"/fontTools/t1Lib "$packages"/fontTools/cu2qu
if [ -d "$packages/fontTools" ]; then find "$packages/fontTools" -name '*.so' -delete; fi
if [ -d "$packages/babel/locale-data" ]; then
  find "$packages/babel/locale-data" -name '*.dat' ! -name 'root.dat' ! -name 'en*.dat' ! -name 'fr*.dat' ! -name 'nl*.dat' -delete
fi
# A third of the whole is debug symbols. psycopg_binary keeps its own: patchelf has moved things in there.
find "$packages" -name '*.so' -not -path '*/psycopg_binary*' -exec strip --strip-unneeded {} +
"$1"/bin/python -m compileall -q -j 0 "$packages"
