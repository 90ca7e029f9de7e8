# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
#
# What can be done here. All of it runs in an environment of its own in .venv, which is made at the first
# start from the versions in requirements/; nothing outside this folder is changed.

# The Python that makes the environment: 3.11 or newer.
PYTHON ?= python3

VENV := .venv
# Each says that what its name says is installed in the environment, as the lock file and pyproject.toml want it.
HAS_DEMO := $(VENV)/has-demo
HAS_TEST := $(VENV)/has-test

# Why no environment can be made here, in one line; empty where it can.
PROBLEM = $(shell \
	if ! command -v '$(PYTHON)' >/dev/null 2>&1; then \
	  echo "bezet needs Python 3.11 or newer; there is no $(PYTHON) here. Set PYTHON=/path/to/python3"; \
	elif ! '$(PYTHON)' -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	  version=`'$(PYTHON)' -c 'import sys; print("%d.%d.%d" % sys.version_info[:3])' 2>/dev/null`; \
	  echo "bezet needs Python 3.11 or newer; $(PYTHON) is $${version:-no Python}. Set PYTHON=/path/to/python3"; \
	elif ! '$(PYTHON)' -c 'import venv, ensurepip' 2>/dev/null; then \
	  echo "$(PYTHON) cannot make environments; on Debian and Ubuntu: sudo apt install python3-venv"; \
	elif ! { mkdir -p $(VENV) && touch $(VENV)/.writable && rm $(VENV)/.writable; } 2>/dev/null; then \
	  echo "the folder $(CURDIR) cannot be written; copy the project to a folder of your own"; \
	fi)

# "yes" where the environment is there and works: then PYTHON is not looked at.
WORKS = $(shell $(VENV)/bin/python -c 'import sys, pip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo yes)

# Makes the environment where there is none that works.
define make-environment
@$(if $(WORKS),,$(if $(PROBLEM),$(error $(PROBLEM))))
@$(if $(WORKS),,echo "Making an environment in $(VENV) with $(PYTHON); this takes a few seconds.")
@$(if $(WORKS),,'$(PYTHON)' -m venv --clear $(VENV))
endef

# Installs the versions that a lock file names, and this project as it stands here. $(1): demo or test.
define install
@echo "Installing what bezet needs for the $(1) into $(VENV); the first time this may take a minute or two."
@$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/$(1).lock
@$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
endef

.PHONY: bench check demo docs down fast fast-edge fast-memory fast-rest lock pictures secrets test test-whole test-demo test-rest up

# A town hall that isn't there, on http://127.0.0.1:8080, run by the programs of a real one. Ctrl-C ends it.
# Options: make demo DEMO_ARGS="--port 8081 --fresh"
demo: $(HAS_DEMO)
	@exec $(VENV)/bin/python -m bezet demo $(DEMO_ARGS)

# What the tests need holds what the demo needs: an environment for tests stays one.
$(HAS_DEMO): requirements/demo.lock pyproject.toml
	$(make-environment)
	$(call install,$(if $(wildcard $(HAS_TEST)),test,demo))
	@touch $@

$(HAS_TEST): requirements/test.lock pyproject.toml
	$(make-environment)
	$(call install,test)
	@touch $@ $(HAS_DEMO)

# Everything, against a real broker, database and browser; installs what it needs. What is missing on a system
# without apt is said loudly, and its tests are skipped by name.
test: $(HAS_TEST)
	@tests/system-packages
	@$(MAKE) --no-print-directory check
	@$(MAKE) --no-print-directory --output-sync --jobs=3 test-demo test-whole test-rest

# Side by side: some compute, some start and kill whole systems, and the rest mostly waits for brokers, databases
# and browsers.
COMPUTES := tests/demo tests/edge tests/collector tests/store
WHOLE := tests/test_crashes.py tests/test_collectors.py tests/test_journey.py tests/deploy

test-demo:
	@$(VENV)/bin/python -m pytest $(COMPUTES)

test-whole:
	@$(VENV)/bin/python -m pytest $(WHOLE)

test-rest:
	@$(VENV)/bin/python -m pytest $(addprefix --ignore=,$(COMPUTES) $(WHOLE))

# The ordinary loop: the laws and the quick tests, in less than a minute. Nothing imports the demo, so its tests are
# not among them; whoever changes it runs pytest tests/demo.
fast: check
	@$(MAKE) --no-print-directory --output-sync --jobs=3 fast-memory fast-rest fast-edge

QUICK := -q --no-header --durations=0 --durations-min=2 -m "not slow and not browser and not influx"
MEMORY := tests/bezet/usage tests/collector tests/store

# The parts of it, side by side: two that compute, and one that mostly waits.
fast-memory:
	@$(VENV)/bin/python -m pytest $(QUICK) $(MEMORY)

fast-rest:
	@$(VENV)/bin/python -m pytest $(QUICK) tests --ignore=tests/edge --ignore=tests/demo $(MEMORY:%=--ignore=%)

fast-edge:
	@$(VENV)/bin/python -m pytest $(QUICK) tests/edge

# The laws of the house: style, types, who may know whom, licence headers, drawn pages.
check: $(HAS_TEST)
	@$(VENV)/bin/ruff format --check --quiet . && $(VENV)/bin/ruff check --quiet .
	@$(VENV)/bin/mypy
	@laws=$$($(VENV)/bin/lint-imports --no-logo 2>&1) || { echo "$$laws"; exit 1; }
	@$(VENV)/bin/reuse --suppress-deprecation lint --quiet
	@$(VENV)/bin/python docs/draw.py --check

# Figures of this machine: throughput, latency, what an agent costs. Printed, never asserted.
bench: $(HAS_TEST)
	@$(VENV)/bin/python -m tests.bench

# Draws the pages of docs/ that come from tables in the code.
docs: $(HAS_TEST)
	@$(VENV)/bin/python docs/draw.py

# Takes the pictures of README.md from the demo.
pictures: $(HAS_TEST)
	@$(VENV)/bin/python docs/pictures.py

# Resolves the locked versions again; needs uv. The files carry names, versions and hashes, never addresses.
lock:
	uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-header -q --extra demo -o requirements/demo.lock
	uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-header -q --extra edge -o requirements/edge.lock
	uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-header -q --extra server --extra influx -o requirements/server.lock
	echo 'hatchling>=1.33' | uv pip compile - --universal --python-version 3.11 --generate-hashes --no-header -q -o requirements/build.lock
	uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-header -q --extra test -o requirements/test.lock

# Why no containers can be started here, in one line; empty where they can.
NO_ENGINE = $(shell \
	if ! command -v docker >/dev/null 2>&1; then \
	  echo "this needs Docker Engine 25 or newer with its Compose plugin; there is no docker here"; \
	elif ! docker compose version >/dev/null 2>&1; then \
	  echo "this needs Docker's Compose plugin; docker is here, but docker compose is not"; \
	elif ! docker info >/dev/null 2>&1; then \
	  echo "this needs a Docker engine that runs and lets you in; docker info says: $$(docker info 2>&1 >/dev/null | tail -n 1)"; \
	fi)

# The installation of one building, in containers: broker, InfluxDB, collector, API, Prometheus and Grafana.
# What a site sets stands at the top of docker-compose.yml.
up:
	@$(if $(NO_ENGINE),$(error $(NO_ENGINE)))
	@$(MAKE) --no-print-directory secrets
	@docker compose up --build --detach --wait
	@echo "Pages:      http://$$(docker compose port api 8080)/lobby"
	@echo "Dashboards: http://$$(docker compose port grafana 3000) as admin, with what is in secrets/grafana-admin-password"
	@echo "Devices:    mqtt://$$(docker compose port mosquitto 1883)"

# Stops it. What was measured stays, and make up goes on from there.
down:
	@$(if $(NO_ENGINE),$(error $(NO_ENGINE)))
	@docker compose down

# Passwords that nobody chose, each made once; what is there is left alone. The folder is closed to other users, and
# the files in it are not: a container reads them as a user of its own (docs/decisions/0008).
secrets:
	@mkdir -p secrets && chmod 700 secrets
	@for name in influx-admin-password influx-token grafana-admin-password; do \
	  if [ ! -s secrets/$$name ]; then \
	    head -c 20 /dev/urandom | od -A n -t x1 | tr -d ' \n' > secrets/$$name.new && chmod 444 secrets/$$name.new \
	      && mv secrets/$$name.new secrets/$$name && echo "Made secrets/$$name." || exit 1; \
	  fi; \
	done
