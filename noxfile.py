"""The tests on each supported Python that is found, beside the one of `make test`: ``make test-pythons``."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import nox

_OWN = "{}.{}".format(*sys.version_info)
PYTHONS = [name for name in ("3.11", "3.12", "3.13", "3.14") if name != _OWN]

nox.options.default_venv_backend = "venv"
nox.options.error_on_missing_interpreters = False
nox.options.reuse_existing_virtualenvs = True

# pyenv has its Pythons in folders of their own, and on the PATH only commands that may refuse to run them.
_PYENV = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"), "versions")
_FOUND = [str(folder) for name in PYTHONS for folder in sorted(_PYENV.glob(f"{name}.*/bin"))]
os.environ["PATH"] = os.pathsep.join([*_FOUND, os.environ.get("PATH", "")])


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """Run the tests that are named behind ``--``, or all of them, on one Python."""
    session.install("--disable-pip-version-check", "--require-hashes", "-r", "requirements-dev.lock")
    session.run("python", "-m", "pytest", "-q", "-n", "auto", "--dist", "loadfile", *session.posargs)
