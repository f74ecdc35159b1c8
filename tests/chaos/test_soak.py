"""The soak in short: nothing is lost, and it finds what it looks for. Kills are a matter of chance here."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from benchmarks.changing_site import ChangingSite
from benchmarks.soak import Round, grown, run, sweep_as_later, wrong

Soaked = tuple[ChangingSite, list[Round], Path]


@pytest.fixture(scope="module")
def soaked(tmp_path_factory: pytest.TempPathFactory) -> Soaked:
    folder = tmp_path_factory.mktemp("soak")
    site, rounds = run(3, 0.0, folder, Random(4))
    sweep_as_later(folder)
    return site, rounds, folder


def test_nothing_is_lost_or_repeated(soaked: Soaked) -> None:
    site, rounds, folder = soaked
    assert wrong(site, rounds, folder) == []
    assert all(one.memory > 10_000 and one.open_files > 3 for one in rounds)
    # Edited, new, withdrawn: the site did change.
    versions = list(site.versions.values())
    assert any(None in found for found in versions)
    assert any(1 in found for found in versions)
    assert len(versions) == 3 * 42


def _repeat(path: Path) -> None:
    path.write_bytes(path.read_bytes() + path.read_bytes().splitlines(keepends=True)[0])


def _drop(path: Path) -> None:
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[1:]))


def _change(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b"Revision ", b"Revision 9", 1))


def _tear(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-5])


@pytest.mark.parametrize("damage", [_repeat, _drop, _change, _tear, Path.unlink])
def test_damage_is_found(soaked: Soaked, damage: Callable[[Path], object]) -> None:
    site, rounds, folder = soaked
    path = min(folder.glob("articles/*/*.jsonl"))
    content = path.read_bytes()
    try:
        damage(path)
        assert wrong(site, rounds, folder) != []
    finally:
        path.write_bytes(content)


def _rounds(**growing: int) -> list[Round]:
    found = []
    for number in range(10):
        one = Round(
            memory=95_000 + 500 * (number % 2),
            open_files=24,
            log=2_000,
            state=996,
            lines=120 + 24 * number,
            published=1 + 2 * number,
            others=6,
        )
        for name, step in growing.items():
            setattr(one, name, getattr(one, name) + step * number)
        found.append(one)
    for one in found:
        one.manifests = 10
    return found


@pytest.mark.parametrize(
    "growing",
    [
        {"memory": 700},
        {"open_files": 1},
        {"others": 1},
        {"log": 400},
        {"state": 500},
        {"published": 9},
        {"parts": 1},
    ],
)
def test_growth_is_found(growing: dict[str, int]) -> None:
    assert grown(_rounds()) == []
    assert len(grown(_rounds(**growing))) == 1
