#!/bin/bash
# Run once, by the image, on an empty volume: one role and one database a service, closed to every other role.
set -euo pipefail

for service in registration activation tickets notifications credits; do
  variable="${service^^}_PASSWORD"
  psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --set name="$service" --set password="${!variable:?}" <<'SQL'
    CREATE ROLE :"name" LOGIN PASSWORD :'password';
    CREATE DATABASE :"name" OWNER :"name";
    REVOKE ALL ON DATABASE :"name" FROM PUBLIC;
SQL
done
