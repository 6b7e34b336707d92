"""Files of a file server, by SSH."""

from __future__ import annotations

import base64
import hashlib
import hmac
import io
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from posixpath import basename
from typing import IO, Any
from urllib.parse import urlsplit

import paramiko

from energy.sources.places import MOST_FILES, Found, Place, in_order
from lib.outbound import Limits, Unreached, connect, ended_in_time

PART = 32 * 1024
WINDOW = 64 * PART
KEYS = (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey)


def fingerprint(key: paramiko.PKey) -> str:
    """As `ssh-keygen -l` writes it."""
    digest = hashlib.sha256(key.asbytes()).digest()
    return "SHA256:" + base64.b64encode(digest).decode().rstrip("=")


class FileServer:
    """The address is host:port/folder. Only the server whose host key is pinned is told who signs in."""

    def __init__(self, client: paramiko.SFTPClient, folder: str, place: Place, limits: Limits) -> None:
        self.client, self.folder, self.place, self.limits = client, folder, place, limits

    @classmethod
    @contextmanager
    def opened(cls, place: Place, limits: Limits) -> Iterator[FileServer]:
        host, port, folder = _parts(place.address)
        opened = connect(host, port, limits)
        with ended_in_time(opened, limits), _told(limits):
            transport = paramiko.Transport(opened)
            try:
                _sign_in(transport, place, limits)
                client = paramiko.SFTPClient.from_transport(transport)
                if client is None:
                    raise Unreached("bad_answer")
                client.get_channel().settimeout(min(limits.left(), 15))
                yield cls(client, folder, place, limits)
            finally:
                transport.close()

    def look(self) -> list[Found]:
        found = []
        with _told(self.limits):
            for number, entry in enumerate(self.client.listdir_iter(self.folder)):
                self.limits.left()
                if number >= MOST_FILES * 2:
                    raise Unreached("too_many_files")
                if stat.S_ISREG(entry.st_mode or 0) and self._takes(entry.filename):
                    size, changed = entry.st_size or 0, entry.st_mtime or 0
                    found.append(Found(entry.filename, f"{size}-{changed}", size, float(changed)))
        return in_order(found)

    def _takes(self, name: str) -> bool:
        """The server names its files: what is more than a name would lead out of the folder."""
        return bool(name) and name == basename(name) and not name.startswith(".") and self.place.takes(name)

    def get(self, found: Found, into: IO[bytes]) -> None:
        with _told(self.limits), self.client.open(f"{self.folder}/{found.name}", "rb") as file:
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


def _sign_in(transport: paramiko.Transport, place: Place, limits: Limits) -> None:
    transport.banner_timeout = transport.auth_timeout = min(limits.left(), 15)
    transport.start_client(timeout=min(limits.left(), 15))
    if not hmac.compare_digest(fingerprint(transport.get_remote_server_key()), place.host_key):
        raise Unreached("host_key_changed")
    if "PRIVATE KEY" in place.secret:
        transport.auth_publickey(place.account, _private_key(place.secret))
    else:
        transport.auth_password(place.account, place.secret)


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
