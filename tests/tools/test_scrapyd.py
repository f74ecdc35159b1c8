"""scrapyd with the egg that scrapyd-deploy builds and uploads: each job is a crawl like any other.

The egg is a zip file, so nothing of the project lies on disk. A job's settings come with it, its log is where
scrapyd shows it, and its feed, where scrapyd is set to keep one, holds what the job wrote.
"""

from __future__ import annotations

import json
import re
import subprocess
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.crawl.crawl_runs import Record, Run, comparable, environment
from tests.crawl.faulty_site import FaultySite
from tests.crawl.sample_graph import Node, reachable
from tests.tools.checkout import MISSING, SECOND, START, Gate, copy_checkout
from tests.tools.servers import PROGRAMS, Server, running

PROJECT = "news"
FIRST = Node("en", "290118204")
CONFIGURATION = """
[scrapyd]
bind_address = 127.0.0.1
http_port = {port}
poll_interval = 0.1
max_proc = 2
eggs_dir = eggs
logs_dir = logs
items_dir = items
dbs_dir = dbs
jobs_to_keep = 100
"""


@dataclass(frozen=True, slots=True)
class Service:
    """scrapyd, and the folder that it works in."""

    server: Server
    folder: Path

    def schedule(self, url: str, data: Path, *more: tuple[str, str]) -> str:
        """Let a crawl run; return the id of its job."""
        answer = self.server.post(
            "schedule.json",
            *(("project", PROJECT), ("spider", "longbridge"), ("url", url)),
            *(("setting", f"DATA_DIR={data}"), ("setting", "DOWNLOAD_DELAY=0")),
            *more,
        )
        assert answer["status"] == "ok", answer
        return str(answer["jobid"])

    def jobs(self, state: str) -> set[str]:
        """Return the ids of the jobs that are pending, running or finished."""
        return {str(job["id"]) for job in self.server.get("listjobs.json", project=PROJECT)[state]}

    def finish(self, job: str, data: Path) -> Run:
        """Wait until a job is over; return what it left."""
        self.server.until(lambda: job in self.jobs("finished"))
        return Run(data, self._exit_status(job), "", self.log(job))

    def log(self, job: str) -> str:
        """Return the log of a job, as far as it is."""
        path = self.folder / "logs" / PROJECT / "longbridge" / f"{job}.log"
        return path.read_text(encoding="utf-8") if path.exists() else ""

    def feed(self, job: str) -> list[str]:
        """Return the uids in the feed of a job, sorted."""
        path = self.folder / "items" / PROJECT / "longbridge" / f"{job}.jl"
        return sorted(json.loads(line)["uid"] for line in path.read_bytes().splitlines())

    def _exit_status(self, job: str) -> int:
        """Return the exit status of a job's process, which scrapyd has in its own log only."""
        (end,) = re.findall(
            rf"Process (finished:|died: exitstatus=[0-9]+) .* job='{job}'",
            self.server.log.read_text(encoding="utf-8"),
        )
        return int(end.partition("=")[2] or 0)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("scrapyd")
    source = copy_checkout(folder / "source")
    work = folder / "work"
    work.mkdir()
    # Neither the checkout nor a configuration of this machine's user is in sight.
    env = environment(PYTHONPATH="", HOME=str(folder))

    def command(port: int) -> list[str | Path]:
        (work / "scrapyd.conf").write_text(CONFIGURATION.format(port=port), encoding="utf-8")
        return [PROGRAMS / "scrapyd"]

    with running(command, folder / "servers", env, work) as server:
        with (source / "scrapy.cfg").open("a", encoding="utf-8") as file:
            file.write(f"\n[deploy]\nurl = {server.origin}\nproject = {PROJECT}\n")
        deployed = subprocess.run(
            [PROGRAMS / "scrapyd-deploy", "--debug"],
            cwd=source,
            env=env,
            capture_output=True,
            encoding="utf-8",
            timeout=120,
            check=False,
        )
        assert deployed.returncode == 0, deployed.stdout + deployed.stderr
        yield Service(server, work)


def test_the_spider_is_there(service: Service) -> None:
    assert service.server.get("listspiders.json", project=PROJECT)["spiders"] == ["longbridge"]
    (egg,) = (service.folder / "eggs" / PROJECT).iterdir()
    assert zipfile.is_zipfile(egg)


def test_each_line_once(service: Service, site: FaultySite, tmp_path: Path, expected: list[Record]) -> None:
    arguments = (site.origin + START, tmp_path, ("depth", "3"))
    job = service.schedule(*arguments)
    run = service.finish(job, tmp_path)
    run.check(0)
    assert comparable(run.lines()) == expected
    assert "[newscrawl] INFO: done: everything that was asked for" in run.stderr
    assert service.feed(job) == run.uids
    # The same again, as a schedule has it.
    job = service.schedule(*arguments)
    again = service.finish(job, tmp_path)
    assert again.status == 0
    assert "[newscrawl] INFO: done: nothing new" in again.stderr
    assert comparable(again.lines()) == expected
    assert service.feed(job) == []


def test_a_start_that_is_missing(service: Service, site: FaultySite, tmp_path: Path) -> None:
    run = service.finish(service.schedule(site.origin + MISSING, tmp_path), tmp_path)
    run.check(1)
    assert "[newscrawl] ERROR: failed: the start longbridge:999999999:en cannot be read" in run.stderr


def test_arguments_that_cannot_be_used(service: Service, tmp_path: Path) -> None:
    data = tmp_path / "data"
    run = service.finish(service.schedule("http://127.0.0.1:9/nowhere", data), data)
    assert run.status == 2
    assert not data.exists()


def test_a_job_that_is_cancelled(service: Service, site: FaultySite, tmp_path: Path) -> None:
    site.faults[SECOND] = gate = Gate()
    arguments = (site.origin + START, tmp_path, ("depth", "3"))
    job = service.schedule(*arguments)
    service.server.until(lambda: SECOND in site.paths)
    # The same crawl beside it is refused and changes nothing.
    beside = service.finish(service.schedule(*arguments), tmp_path)
    assert beside.status == 3
    assert "[newscrawl] WARNING: running: " in beside.stderr
    cancelled = service.server.post("cancel.json", ("project", PROJECT), ("job", job))
    assert cancelled["prevstate"] == "running"
    service.server.until(lambda: "Received SIGINT" in service.log(job))
    gate.open()
    stopped = service.finish(job, tmp_path)
    stopped.check(130)
    assert stopped.manifest["verdict"]["word"] == "stopped"
    assert "[newscrawl] WARNING: stopped: by SIGINT" in stopped.stderr
    # What was under way was waited for.
    assert stopped.uids == sorted([*reachable(FIRST, depth=0)[0], "longbridge:289868449:en"])
    whole = service.finish(service.schedule(*arguments), tmp_path)
    whole.check(0)
    assert whole.uids == reachable(FIRST, depth=3)[0]
    # Resumed, not begun anew.
    assert whole.manifest["run_id"] == stopped.manifest["run_id"]
