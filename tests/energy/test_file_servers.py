"""File servers as sources of feeds, against one of this machine."""

from __future__ import annotations

import io
import logging
import os
import socket
import struct
import threading
import time
from contextlib import suppress

import paramiko
import pytest
from paramiko import sftp

from energy.choices import FeedSource
from energy.sources import Found, Place, opened_source
from energy.sources.sftp import MOST_PACKET, fingerprint
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


class Old(paramiko.SFTPServer):
    """Takes names as they are; the library's own knows UTF-8 alone."""

    def _process(self, kind, number, told):
        if kind != sftp.CMD_OPEN:
            super()._process(kind, number, told)
        else:
            opened = self.server.open(os.fsdecode(told.get_string()), os.O_RDONLY, None)
            self._send_handle_response(number, opened)


def test_names_that_are_no_utf_8_are_listed_and_got(root, host_key, monkeypatch):
    monkeypatch.setattr(paramiko, "SFTPServer", Old)
    at = root / "out" / os.fsdecode("电表.csv".encode("gb18030"))
    at.write_text("old software")
    os.utime(at, (1, 1))
    into = io.BytesIO()
    with sftp_server(root, host_key) as port, opened_source(FeedSource.SFTP, place(port, host_key), limits()) as source:
        found = source.look()
        source.get(found[0], into)
    assert ([each.name for each in found], into.getvalue()) == (["电表.csv", "a.csv"], b"old software")


class Unruly(paramiko.SFTPServer):
    """Answers a listing as no server may."""

    def _process(self, kind, number, told):
        if kind != sftp.CMD_READDIR:
            super()._process(kind, number, told)
        elif self.mode == "long":
            self.sock.sendall(struct.pack(">I", MOST_PACKET + 1) + bytes(1000))
        elif self.mode == "other":
            self._send_status(number, sftp.SFTP_OK)
        elif self.mode == "words":
            told = paramiko.Message()
            told.add_int(number)
            told.add_int(sftp.SFTP_FAILURE)
            told.add_string(b"\xb5\xe7")
            told.add_string("")
            self._send_packet(sftp.CMD_STATUS, told)


@pytest.mark.parametrize("mode", ["long", "other", "words"])
def test_what_no_server_may_answer_is_told(root, host_key, monkeypatch, mode):
    monkeypatch.setattr(Unruly, "mode", mode, raising=False)
    monkeypatch.setattr(paramiko, "SFTPServer", Unruly)
    with sftp_server(root, host_key) as port:
        assert problem(place(port, host_key), limits()) == "bad_answer"


def test_packet_that_would_fill_memory_is_not_waited_for(host_key):
    """Announced before the host has shown its key: anybody on the way could."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        accepted, _address = listener.accept()
        with accepted, suppress(OSError):
            accepted.sendall(b"SSH-2.0-odd\r\n" + struct.pack(">I", 2**31 + 4) + bytes(1000))
            accepted.recv(100_000)
            time.sleep(5)

    worker = threading.Thread(target=serve, daemon=True)
    worker.start()
    began = time.monotonic()
    assert problem(place(listener.getsockname()[1], host_key), limits()) == "unreachable"
    assert time.monotonic() - began < 4
    listener.close()
