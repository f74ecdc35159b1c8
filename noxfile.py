"""The tests on each supported Python that is found: ``make test-pythons``."""

from __future__ import annotations

import nox

PYTHONS = ["3.11", "3.12", "3.13", "3.14"]

nox.options.default_venv_backend = "venv"
nox.options.error_on_missing_interpreters = False
nox.options.reuse_existing_virtualenvs = True


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """Run the unit tests and the whole job on one Python."""
    session.install("--disable-pip-version-check", "--require-hashes", "-r", "requirements-dev.lock")
    paths = session.posargs or ["tests", "--ignore=tests/chaos", "--ignore=tests/test_conventions.py"]
    session.run("python", "-m", "pytest", "-q", "-n", "auto", "--dist", "loadfile", *paths)
