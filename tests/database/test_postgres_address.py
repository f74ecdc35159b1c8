"""No spelling of a STATE_URL lets its password be seen."""

from __future__ import annotations

import copy
import logging
import pprint
from urllib.parse import quote

import psycopg
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from psycopg.conninfo import conninfo_to_dict

from newscrawl.database.connect import connect, show_state, wrong_address
from newscrawl.database.postgres_address import one_line, parameters_of, secrets_of, show_postgres
from newscrawl.exceptions import StateError
from newscrawl.shown import Concealed

MARKER = "hunter2"
any_spelling = settings(
    derandomize=True,
    deadline=None,
    max_examples=300,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)

# What makes an address hard to read, around the marker.
odd = st.text(
    st.sampled_from("@:/?#[]%&=+ \\'\"\t\n,;.\x7f\u2028ä") | st.characters(codec="utf-8"), max_size=6
)
passwords = st.builds(lambda before, after: f"{before}{MARKER}{after}", odd, odd)
escaped = passwords.map(lambda password: quote(password, safe=""))
partly = st.builds(quote, passwords, st.sampled_from(["/", "@", ":", "%", "?", "@:/"]))
spelled = passwords | escaped | partly
schemes = st.sampled_from(
    ["postgresql", "postgres", "POSTGRESQL", "Postgres", " postgresql", "mysql", "sqlite"]
)
SECRET_NAMES = ("password", "sslpassword", "oauth_client_secret", "scram_client_key", "Password", "passfile")
names = st.sampled_from(SECRET_NAMES)

# Port 1 of this machine: nobody answers, so a refused connection is the most that comes of it.
addresses = st.one_of(
    st.builds("{}://user:{}@127.0.0.1:1/state".format, schemes, spelled),
    st.builds("{}://user:{}@127.0.0.1:1,127.0.0.1:2/state".format, schemes, spelled),
    st.builds("{}://user:{}@127.0.0.1:1,user:{}@127.0.0.1:2/state".format, schemes, spelled, spelled),
    st.builds("{}://:{}@/state?host=127.0.0.1&port=1".format, schemes, spelled),
    st.builds("{}://user@127.0.0.1:1/state?{}={}".format, schemes, names, spelled),
    st.builds("{}://127.0.0.1:1/?user=u&{}={}&connect_timeout=2".format, schemes, names, spelled),
    st.builds("{}://127.0.0.1:1/state?pass%77ord={}".format, schemes, spelled),
    st.builds("{}:///state.db?password={}".format, st.sampled_from(["sqlite", "SQLite"]), spelled),
    st.builds("{}host=127.0.0.1 port=1 {}='{}'".format, st.sampled_from(["", " "]), names, spelled),
    st.builds("host=127.0.0.1 port=1 password={} user=u".format, spelled),
)


def _conninfo(url: str) -> dict[str, object]:
    try:
        return dict(conninfo_to_dict(url))
    except (psycopg.Error, UnicodeError):
        return {}


@any_spelling
@given(addresses)
@example("postgresql://user:1/hunter2@127.0.0.1:1/state")
@example("postgresql://user:1?user=hunter2@127.0.0.1:1/state")
@example("postgresql://user:1/x?application_name=hunter2@127.0.0.1:1/state")
@example("postgresql://user:p@hunter2@127.0.0.1:1/state")
@example("postgresql://127.0.0.1:1/state%3Fpassword=hunter2")
@example("postgresql://127.0.0.1:1/?dbname=password%3Dhunter2")
@example("postgresql://user:hunter2%@127.0.0.1:1/state")
@example("postgresql://user:hunter2%00@127.0.0.1:1/state")
@example("postgresql://user:hunter2\0@127.0.0.1:1/state")
@example("postgresql://user:hunter2\udcff@127.0.0.1:1/state")
@example("postgresql://user:hunter2")
@example("hunter2")
def test_nothing_that_is_said_of_an_address_shows_the_password(
    caplog: pytest.LogCaptureFixture, url: str
) -> None:
    caplog.clear()
    caplog.set_level(logging.DEBUG)
    said = [show_state(url) if url.startswith("postgres") else "", repr(Concealed(url))]
    if (text := wrong_address(url)) is not None:
        said.append(text)
        # What is refused here is never given to an engine.
        with pytest.raises(StateError) as refused:
            connect(url, timeout=0)
        said.append(str(refused.value))
    elif _conninfo(url).get("host") in ("127.0.0.1", "127.0.0.1,127.0.0.1"):
        with pytest.raises(StateError) as failed:
            connect(url, timeout=0)
        said += [str(failed.value), repr(failed.value), repr(failed.value.__cause__)]
    for text in [*said, caplog.text]:
        assert MARKER not in text
        assert "\n" not in text or text is caplog.text


@any_spelling
@given(names=st.sampled_from(["password", "sslpassword", "oauth_client_secret"]), password=passwords)
def test_no_error_of_the_driver_shows_a_secret(names: str, password: str) -> None:
    secrets = secrets_of({names: password, "host": "127.0.0.1"})
    for spelling in (password, quote(password), quote(password, safe=""), repr(password), f"'{password}'"):
        text = one_line(f'error: "{spelling}" is not {spelling}', secrets)
        assert MARKER not in text
        assert text.startswith("err") or len(password) < 8


def test_which_parameters_are_secrets_is_what_libpq_says() -> None:
    marked = {"password", "sslpassword", "oauth_client_secret", "scram_client_key", "scram_server_key"}
    known = marked & {"password", "sslpassword"} | (marked & set(_keywords()))
    for name in known:
        assert MARKER in secrets_of({name: MARKER})
    for name in ("host", "port", "dbname", "user", "application_name"):
        assert MARKER not in secrets_of({name: MARKER})


def _keywords() -> list[str]:
    return [option.keyword.decode() for option in psycopg.pq.Conninfo.get_defaults()]


def test_a_password_of_the_environment_is_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPASSWORD", MARKER)
    assert MARKER in secrets_of({})


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://user:hunter2@db.example:5433/news", "postgresql://db.example:5433/news"),
        ("postgres://user@db.example/news", "postgresql://db.example/news"),
        ("postgresql://a:x@h1:1,h2:2/news?sslpassword=hunter2", "postgresql://h1,h2:1,2/news"),
        ("postgresql:///news?host=/var/run/postgresql", "postgresql:///var/run/postgresql/news"),
        ("postgresql://[::1]:5432/news", "postgresql://::1:5432/news"),
        ("postgresql://user:hun@ter2@db.example/news", "postgresql://…"),
        ("postgresql://db.example/a%20b", "postgresql://…"),
    ],
)
def test_server_and_database_are_shown(url: str, shown: str) -> None:
    assert show_postgres(url) == shown


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("mysql://user:hunter2@localhost/x", "found mysql://…"),
        ("POSTGRESQL://user:hunter2@localhost/x", "found POSTGRESQL://…"),
        ("host=localhost password=hunter2", "found no scheme"),
        (" postgresql://user:hunter2@localhost/x", "found no scheme"),
        ("sqlite:///state.db?key=hunter2", "found sqlite://…"),
        ("sqlite://user:hunter2@localhost/x", "found sqlite://…"),
        ("postgresql://user:hun%ter2@localhost/x", "found one that cannot be read"),
        ("postgresql://localhost/x?user=a@b", "found one that cannot be read"),
    ],
)
def test_an_address_that_cannot_be_used_is_told_by_its_scheme(url: str, found: str) -> None:
    text = wrong_address(url)
    assert text is not None
    assert text.endswith(found)


def test_passwords_with_special_characters_are_read_where_they_are_escaped() -> None:
    odd_one = "a@b:c/d?e#f%g h"
    url = f"postgresql://user:{quote(odd_one, safe='')}@db.example/news"
    assert parameters_of(url)["password"] == odd_one
    assert wrong_address(url) is None


def test_a_concealed_text_is_hidden_where_values_are_printed_and_whole_where_it_is_used() -> None:
    url = Concealed("postgresql://user:hunter2@db.example/news")
    for same in (url, copy.deepcopy(url)):
        assert pprint.pformat({"STATE_URL": same}) == "{'STATE_URL': 'postgresql://…'}"
        assert f"{same}" == str(same) == "postgresql://user:hunter2@db.example/news"
        assert same.startswith("postgresql://user:hunter2")
    assert repr(Concealed(MARKER)) == "'…'"
    assert repr(Concealed("hun@ter2://x")) == "'…'"
