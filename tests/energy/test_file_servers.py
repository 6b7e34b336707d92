"""File servers as sources of feeds, against one of this machine."""

from __future__ import annotations

import io
import logging

import paramiko
import pytest

from energy.choices import FeedSource
from energy.sources import Found, Place, opened_source
from energy.sources.sftp import fingerprint
from lib.outbound import Limits, Unreached, networks_of
from tests.energy.file_server import sftp_server

HOME = networks_of(["127.0.0.0/8"])


@pytest.fixture(autouse=True)
def _quiet():
    logging.getLogger("paramiko").setLevel(logging.CRITICAL)


@pytest.fixture(scope="module")
def host_key():
    return paramiko.RSAKey.generate(2048)


@pytest.fixture
def root(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "a.csv").write_text("first")
    (tmp_path / "out" / "b.txt").write_text("no")
    (tmp_path / "out" / "link.csv").symlink_to("/etc/hostname")
    return tmp_path


def limits(most=10_000_000, networks=HOME):
    return Limits(most, 15, networks)


def place(port, key, **told):
    facts = {"account": "park", "secret": "sesame", "host_key": fingerprint(key), "pattern": "*.csv"} | told
    return Place(f"127.0.0.1:{port}/out", **facts)


def look(where, within):
    with opened_source(FeedSource.SFTP, where, within) as source:
        return source.look()


def problem(where, within):
    with pytest.raises(Unreached) as caught:
        look(where, within)
    return caught.value.code


def test_files_are_listed_and_got(root, host_key):
    large = bytes(range(256)) * 12_345
    (root / "out" / "large.csv").write_bytes(large)
    with sftp_server(root, host_key) as port:
        with opened_source(FeedSource.SFTP, place(port, host_key), limits()) as source:
            found = {each.name: each for each in source.look()}
            assert {name: each.size for name, each in found.items()} == {"a.csv": 5, "large.csv": len(large)}
            for name, expected in (("a.csv", b"first"), ("large.csv", large)):
                into = io.BytesIO()
                source.get(found[name], into)
                assert into.getvalue() == expected
            with pytest.raises(Unreached, match="not_found"):
                source.get(Found("gone.csv", "", 0), io.BytesIO())
        few = limits(most=len(large) - 1)
        refused = pytest.raises(Unreached, match="too_large")
        with opened_source(FeedSource.SFTP, place(port, host_key), few) as source, refused:
            source.get(found["large.csv"], io.BytesIO())


def test_server_with_another_host_key_is_told_no_password(root, host_key):
    tried = []
    with sftp_server(root, paramiko.RSAKey.generate(2048), tried=tried) as port:
        assert problem(place(port, host_key), limits()) == "host_key_changed"
    assert tried == []


def test_wrong_password_and_inner_addresses_are_refused(root, host_key):
    with sftp_server(root, host_key) as port:
        assert problem(place(port, host_key, secret="guess"), limits()) == "sign_in_refused"
        assert problem(place(port, host_key), limits(networks=())) == "address_refused"
        gone = Place(f"127.0.0.1:{port}/nowhere", "park", "sesame", host_key=fingerprint(host_key))
        assert problem(gone, limits()) == "not_found"


def test_private_key_signs_in(root, host_key):
    own = paramiko.ECDSAKey.generate()
    text = io.StringIO()
    own.write_private_key(text)
    with sftp_server(root, host_key, keys=[own]) as port:
        for typed in (text.getvalue(), text.getvalue().replace("\n", "\r\n")):
            assert [each.name for each in look(place(port, host_key, secret=typed), limits())] == ["a.csv"]
        other = io.StringIO()
        paramiko.ECDSAKey.generate().write_private_key(other)
        assert problem(place(port, host_key, secret=other.getvalue()), limits()) == "sign_in_refused"
        broken = "-----BEGIN PRIVATE KEY-----\nbroken\n-----END PRIVATE KEY-----"
        assert problem(place(port, host_key, secret=broken), limits()) == "sign_in_refused"
