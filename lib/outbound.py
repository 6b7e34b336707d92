"""Connections that the portal opens to addresses which its tenants enter.

A name is resolved once, every address it has is checked, and the connection goes to one that was checked: neither a
redirect nor an answer of the name server that changes meanwhile leads anywhere else.
"""

from __future__ import annotations

import http.client
import os
import socket
import ssl
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from threading import Timer
from time import monotonic
from typing import IO
from urllib.parse import SplitResult, urljoin, urlsplit

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
MOST_REDIRECTS = 3
REDIRECTS = frozenset({301, 302, 303, 307, 308})
CHUNK = 64 * 1024
MOST_SECONDS_OF_SILENCE = 15
# Addresses of IPv6 that carry one of IPv4, which is what they lead to: NAT64, and 6to4 with the rest behind it.
NAT64 = IPv6Network("64:ff9b::/96")
SIXTO4 = IPv6Network("2002::/16")
# All of IPv6 that is given to anybody; beside it lie networks of one's own, also such as are of old.
UNICAST = IPv6Network("2000::/3")
# Public by their number, yet answered by the machine's own host, or by nobody: the host of a cloud, and examples.
HELD_BACK: tuple[Network, ...] = (IPv4Network("168.63.129.16/32"), IPv6Network("3fff::/20"))


class Unreached(Exception):
    """`code` says why nothing was got: a key of `energy.sources.problems.PROBLEMS`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Limits:
    """How much may be got, in how long altogether, and which networks the operator opens beside the public ones."""

    most_bytes: int
    seconds: float
    networks: tuple[Network, ...] = ()
    authorities: str = ""
    began: float = field(default_factory=monotonic)

    def left(self) -> float:
        """Seconds; raises `Unreached` when there are none."""
        left = self.seconds - (monotonic() - self.began)
        if left <= 0:
            raise Unreached("too_slow")
        return left


def networks_of(names: Iterable[str]) -> tuple[Network, ...]:
    """
    >>> networks_of(["10.1.0.0/16", "::1"])
    (IPv4Network('10.1.0.0/16'), IPv6Network('::1/128'))
    """
    return tuple(ip_network(name) for name in names)


def is_allowed(address: Address, networks: Iterable[Network] = ()) -> bool:
    """Whether it is a public address, or in a network that is open.

    >>> [is_allowed(ip_address(told)) for told in ("127.0.0.1", "169.254.169.254", "10.0.0.8", "100.64.0.1", "0.0.0.0")]
    [False, False, False, False, False]
    >>> [is_allowed(ip_address(told)) for told in ("::1", "fe80::1", "fd00::1", "::ffff:10.0.0.8", "64:ff9b::a00:8")]
    [False, False, False, False, False]
    >>> [is_allowed(ip_address(told)) for told in ("2002:7f00:1::", "::ffff:127.0.0.1", "224.0.0.1", "::127.0.0.1")]
    [False, False, False, False]
    >>> [is_allowed(ip_address(told)) for told in ("fec0::1", "feff::8", "3fff::1", "168.63.129.16")]
    [False, False, False, False]
    >>> is_allowed(ip_address("93.184.215.14")), is_allowed(ip_address("2606:2800:21f:cb07:6820:80da:af6b:8b2c"))
    (True, True)
    >>> is_allowed(ip_address("10.1.2.3"), networks_of(["10.1.0.0/16"]))
    True
    """
    plain = _inner(address)
    if any(plain in network for network in networks):
        return True
    if any(plain in network for network in HELD_BACK) or (plain.version == 6 and plain not in UNICAST):
        return False
    return plain.is_global and not (plain.is_multicast or plain.is_reserved)


def _inner(address: Address) -> Address:
    if isinstance(address, IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address in NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    if address in SIXTO4:
        return IPv4Address((int(address) >> 80) & 0xFFFFFFFF)
    return address


def checked_addresses(host: str, port: int, networks: Iterable[Network]) -> list[str]:
    """The addresses of a name, all of which are allowed: one that is not makes the name refused.

    Raises `Unreached`.
    """
    try:
        answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Unreached("unreachable") from error
    # A scope ("fe80::1%eth0") names an interface of this machine.
    found = [str(answer[4][0]) for answer in answers]
    if not found or not all("%" not in told and is_allowed(ip_address(told), networks) for told in found):
        raise Unreached("address_refused")
    return list(dict.fromkeys(found))


def connect(host: str, port: int, limits: Limits) -> socket.socket:
    """An open connection to one of the checked addresses of a name. Raises `Unreached`."""
    for told in checked_addresses(host, port, limits.networks):
        try:
            return socket.create_connection((told, port), timeout=min(limits.left(), MOST_SECONDS_OF_SILENCE))
        except OSError:
            continue
    raise Unreached("unreachable")


class _Connection(http.client.HTTPSConnection):
    """Speaks to the address that was checked, and asks it to prove that it has the name."""

    def __init__(self, host: str, port: int, limits: Limits) -> None:
        self.tls = ssl.create_default_context(cafile=limits.authorities or None)
        super().__init__(host, port, context=self.tls)
        self.limits = limits

    def connect(self) -> None:
        plain = connect(self.host, self.port, self.limits)
        try:
            self.sock = self.tls.wrap_socket(plain, server_hostname=self.host)
        except (ssl.SSLError, ssl.CertificateError) as error:
            plain.close()
            raise Unreached("tls_failed") from error


@dataclass(frozen=True, slots=True)
class Answer:
    """What was got, and the headings that came with it. The address is that of the last redirect."""

    url: str
    status: int
    headings: Mapping[str, str]
    size: int


def get_https(url: str, into: IO[bytes], limits: Limits, headings: Mapping[str, str], *, follow: bool = True) -> Answer:
    """Get what is at an address into a file. Secrets in `headings` go to the first host alone.

    Raises `Unreached`.
    """
    first, told = origin(url), dict(headings)
    for _number in range(MOST_REDIRECTS + 1):
        answer = _get(url, into, limits, told)
        if answer.status not in REDIRECTS or not follow:
            return answer
        url = urljoin(url, answer.headings.get("location", ""))
        if origin(url) != first:
            told = {}
        into.seek(0)
        into.truncate()
    raise Unreached("too_many_redirects")


def origin(url: str) -> tuple[str, int]:
    """Host and port of an address; only of one that is encrypted. Raises `Unreached`."""
    try:
        parts: SplitResult = urlsplit(url)
        host, port = parts.hostname, parts.port or 443
    except ValueError as error:
        raise Unreached("bad_address") from error
    if parts.scheme != "https" or not host or parts.username or parts.password:
        raise Unreached("bad_address")
    return host, port


def _get(url: str, into: IO[bytes], limits: Limits, headings: Mapping[str, str]) -> Answer:
    host, port = origin(url)
    parts = urlsplit(url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    with closing(_Connection(host, port, limits)) as connection:
        try:
            connection.connect()
            with ended_in_time(connection.sock, limits):
                connection.request("GET", target, headers={"User-Agent": "ParkZero", **headings})
                with closing(connection.getresponse()) as response:
                    size = _copy(response, into, limits) if response.status not in REDIRECTS else 0
        except TimeoutError as error:
            raise Unreached("too_slow") from error
        except (http.client.HTTPException, ValueError) as error:
            limits.left()
            raise Unreached("bad_answer") from error
        except OSError as error:
            limits.left()
            raise Unreached("unreachable") from error
    return Answer(url, response.status, {name.lower(): value for name, value in response.getheaders()}, size)


@contextmanager
def ended_in_time(opened: socket.socket, limits: Limits) -> Iterator[None]:
    """Close the connection when its time is over, however slowly it drips."""
    opened.settimeout(min(limits.left(), MOST_SECONDS_OF_SILENCE))
    number = os.dup(opened.fileno())
    twin = socket.socket(fileno=number)
    timer = Timer(limits.left(), partial(_shut, twin))
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
        twin.close()


def _shut(opened: socket.socket) -> None:
    with suppress(OSError):
        opened.shutdown(socket.SHUT_RDWR)


def _copy(response: http.client.HTTPResponse, into: IO[bytes], limits: Limits) -> int:
    size = 0
    while chunk := response.read1(CHUNK):
        limits.left()
        size += len(chunk)
        if size > limits.most_bytes:
            raise Unreached("too_large")
        into.write(chunk)
    limits.left()
    if response.length:
        raise Unreached("unreachable")
    return size
