"""Files of a file server, by SSH."""

from __future__ import annotations

import base64
import hashlib
import hmac
import io
import stat
import struct
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import IO, Any
from urllib.parse import urlsplit

import paramiko
from paramiko.message import Message
from paramiko.packet import Packetizer
from paramiko.sftp import CMD_CLOSE, CMD_HANDLE, CMD_NAME, CMD_OPENDIR, CMD_READDIR, SFTPError

from energy.sources.places import MOST_FILES, Found, Place, in_order, name_of
from lib.outbound import Limits, Unreached, connect, ended_in_time

PART = 32 * 1024
WINDOW = 64 * PART
# As much as servers that are in use send at once. What says that it is longer would fill memory before anybody looks.
MOST_PACKET = 256 * 1024
KEYS = (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey)


def fingerprint(key: paramiko.PKey) -> str:
    """As `ssh-keygen -l` writes it."""
    digest = hashlib.sha256(key.asbytes()).digest()
    return "SHA256:" + base64.b64encode(digest).decode().rstrip("=")


class _Packets(Packetizer):
    def read_all(self, n: int, check_rekey: bool = False) -> bytes:
        if n > MOST_PACKET:
            raise paramiko.SSHException("The server announces more than a packet holds.")
        return bytes(super().read_all(n, check_rekey))


class _Client(paramiko.SFTPClient):
    """The library's, with an end to what a server sends at once, and with names that are no UTF-8."""

    def _read_all(self, n: int) -> bytes:
        if n > MOST_PACKET:
            raise SFTPError("The server announces more than an answer holds.")
        return bytes(super()._read_all(n))

    def entries(self, folder: str) -> Iterator[tuple[bytes, paramiko.SFTPAttributes]]:
        """What is in a folder, by the bytes of its names."""
        handle = self._asked(CMD_HANDLE, CMD_OPENDIR, folder).get_string()
        with suppress(EOFError):
            while True:
                told = self._asked(CMD_NAME, CMD_READDIR, handle)
                for _number in range(told.get_int()):
                    name, _line = told.get_string(), told.get_string()
                    yield name, paramiko.SFTPAttributes._from_msg(told)  # noqa: SLF001 - nothing else reads them
        self._request(CMD_CLOSE, handle)

    def _asked(self, expected: int, *asked: Any) -> Message:
        kind, told = self._request(*asked)
        if kind != expected:
            raise SFTPError("The server answers something else.")
        return told


class FileServer:
    """The address is host:port/folder. Only the server whose host key is pinned is told who signs in."""

    def __init__(self, client: _Client, folder: str, place: Place, limits: Limits) -> None:
        self.client, self.folder, self.place, self.limits = client, folder, place, limits

    @classmethod
    @contextmanager
    def opened(cls, place: Place, limits: Limits) -> Iterator[FileServer]:
        host, port, folder = _parts(place.address)
        opened = connect(host, port, limits)
        with ended_in_time(opened, limits):
            transport = paramiko.Transport(opened, packetizer_class=_Packets)
            try:
                with _told(limits):
                    client = _signed_in(transport, place, limits)
                yield cls(client, folder, place, limits)
            finally:
                transport.close()

    def look(self) -> list[Found]:
        found = []
        with _told(self.limits):
            for number, (at, entry) in enumerate(self.client.entries(self.folder)):
                self.limits.left()
                if number >= MOST_FILES * 2:
                    raise Unreached("too_many_files")
                if stat.S_ISREG(entry.st_mode or 0) and self._takes(at):
                    size, changed = entry.st_size or 0, entry.st_mtime or 0
                    found.append(Found(name_of(at), f"{size}-{changed}", size, float(changed), at))
        return in_order(found)

    def _takes(self, at: bytes) -> bool:
        """The server names its files: what is more than a name would lead out of the folder."""
        return bool(at) and b"/" not in at and not at.startswith(b".") and self.place.takes(name_of(at))

    def get(self, found: Found, into: IO[bytes]) -> None:
        at = self.folder.encode() + b"/" + (found.at or found.name.encode())
        with _told(self.limits), self.client.open(at, "rb") as file:
            whole = file.stat().st_size or 0
            if whole > self.limits.most_bytes:
                raise Unreached("too_large")
            for start in range(0, whole, WINDOW):
                self.limits.left()
                # So much is asked for at once, and no more of it held.
                places = [(at, min(PART, whole - at)) for at in range(start, min(start + WINDOW, whole), PART)]
                into.writelines(file.readv(places))
            if into.tell() != whole:
                raise Unreached("unreachable")


def _parts(address: str) -> tuple[str, int, str]:
    """
    >>> _parts("files.example.com:2222/out/day"), _parts("[2001:db8::1]/out")
    (('files.example.com', 2222, 'out/day'), ('2001:db8::1', 22, 'out'))
    """
    try:
        parts = urlsplit(f"sftp://{address}")
        host, port = parts.hostname, parts.port or 22
    except ValueError as error:
        raise Unreached("bad_address") from error
    if not host or parts.username or parts.password or parts.query or parts.fragment:
        raise Unreached("bad_address")
    # "host//folder" is from the root of the server, "host/folder" from where it lets people in.
    return host, port, parts.path[1:].rstrip("/") or "."


def _signed_in(transport: paramiko.Transport, place: Place, limits: Limits) -> _Client:
    transport.banner_timeout = transport.auth_timeout = min(limits.left(), 15)
    transport.start_client(timeout=min(limits.left(), 15))
    if not hmac.compare_digest(fingerprint(transport.get_remote_server_key()), place.host_key):
        raise Unreached("host_key_changed")
    if "PRIVATE KEY" in place.secret:
        transport.auth_publickey(place.account, _private_key(place.secret))
    else:
        transport.auth_password(place.account, place.secret)
    client: _Client | None = _Client.from_transport(transport)
    if client is None:
        raise Unreached("bad_answer")
    client.get_channel().settimeout(min(limits.left(), 15))
    return client


def _private_key(text: str) -> Any:
    # Forms end lines as the web does.
    lines = text.strip().replace("\r\n", "\n")
    for kind in KEYS:
        with suppress(paramiko.SSHException, ValueError):
            return kind.from_private_key(io.StringIO(lines + "\n"))
    raise Unreached("sign_in_refused")


@contextmanager
def _told(limits: Limits) -> Iterator[None]:
    """What a server does wrong, by its name."""
    try:
        yield
    except paramiko.AuthenticationException as error:
        raise Unreached("sign_in_refused") from error
    except FileNotFoundError as error:
        raise Unreached("not_found") from error
    except PermissionError as error:
        raise Unreached("sign_in_refused") from error
    except TimeoutError as error:
        raise Unreached("too_slow") from error
    except (paramiko.SSHException, OSError, EOFError) as error:
        limits.left()
        raise Unreached("unreachable") from error
    except (SFTPError, struct.error, ValueError, IndexError) as error:
        raise Unreached("bad_answer") from error
