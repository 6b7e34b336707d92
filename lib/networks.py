"""Where a request comes from, as far as one sender can be told from another."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address, ip_network

PREFIX_OF_A_SENDER = 64


def network_of(address: str) -> str:
    """The address itself, and of IPv6 the network of one subscriber, who has all its addresses.

    What is no address stays as it is, so that nothing that comes from it passes uncounted.

    >>> network_of("192.0.2.7")
    '192.0.2.7'
    >>> network_of("2001:db8:1:2:aaaa::1"), network_of("2001:db8:1:2::ffff")
    ('2001:db8:1:2::/64', '2001:db8:1:2::/64')
    >>> network_of("::ffff:192.0.2.7")
    '192.0.2.7'
    >>> network_of("worker")
    'worker'
    """
    try:
        found = ip_address(address.strip())
    except ValueError:
        return address
    if isinstance(found, IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(ip_network((int(found), PREFIX_OF_A_SENDER), strict=False))
    return str(found)
