"""Pages over https: the certificate is verified, as DOWNLOAD_VERIFY_CERTIFICATES says."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.crawl.crawl_runs import SINGLE, START, crawl
from tests.crawl.raw_site import RawSite
from tests.crawl.sample_graph import Node, reachable

FIRST = Node("en", str(START))
THREE = reachable(FIRST, depth=0)[0]


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A file with a key and a certificate for 127.0.0.1 that nobody but itself has signed."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "newscrawl test")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "certificate.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


def _site(certificate: Path) -> RawSite:
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate)
    return RawSite(tls=tls)


def test_a_certificate_that_is_trusted(
    certificate: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # OpenSSL's own variable, in place of the system's certificates.
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with _site(certificate).serving() as site:
        run = crawl(site.origin + FIRST.path, tmp_path / "data", "-a", "depth=0", *SINGLE)
    run.check(0)
    assert run.uids == THREE
    assert len({asked.connection for asked in site.asked}) == 1


def test_a_certificate_that_nobody_knows(certificate: Path, tmp_path: Path) -> None:
    with _site(certificate).serving() as site:
        run = crawl(site.origin + FIRST.path, tmp_path / "data", "-a", "depth=0", *SINGLE)
    assert run.status == 1
    assert "certificate verify failed" in run.told
    assert run.lines() == []
    assert site.asked == []


def test_a_certificate_that_need_not_be_known(certificate: Path, tmp_path: Path) -> None:
    words = ("-a", "depth=0", *SINGLE, "-s", "DOWNLOAD_VERIFY_CERTIFICATES=0")
    with _site(certificate).serving() as site:
        run = crawl(site.origin + FIRST.path, tmp_path / "data", *words)
    run.check(0)
    assert run.uids == THREE
