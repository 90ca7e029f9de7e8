# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
#
# The collector and the API of an installation: `bezet` with the extras server and influx, and nothing else.
# Every library comes from a lock file and is held against its hash.

FROM python:3.13.15-slim-trixie AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /src
RUN python -m venv --without-pip /opt/bezet
COPY requirements/server.lock requirements/build.lock requirements/
# Wheels only: what would have to be compiled here would need tools that nobody checked.
RUN python -m pip --python /opt/bezet/bin/python install --require-hashes --only-binary :all: -r requirements/server.lock
RUN python -m pip install --require-hashes --only-binary :all: -r requirements/build.lock
COPY pyproject.toml README.md LICENSE ./
COPY api api
COPY bezet bezet
COPY collector collector
COPY demo demo
COPY edge edge
COPY store store
RUN python -m pip wheel --no-deps --no-build-isolation --wheel-dir dist .
RUN python -m pip --python /opt/bezet/bin/python install --no-deps --no-index --find-links dist bezet

FROM python:3.13.15-slim-trixie
RUN groupadd --gid 10001 bezet && useradd --uid 10001 --gid 10001 --no-create-home --shell /usr/sbin/nologin bezet
# Where the window keeps its book; a volume that is mounted here belongs to it.
RUN install --directory --owner=10001 --group=10001 /var/lib/bezet
COPY --from=build /opt/bezet /opt/bezet
ENV PATH=/opt/bezet/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
# By number, so that Kubernetes can see that it is not root.
USER 10001:10001
# Which of its programs runs, and how its health is asked, docker-compose.yml and deploy/kubernetes say.
CMD ["bezet", "--help"]
