"""Where a request comes from, through the proxies that are trusted to say so, and through no others."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

from litestar.connection import ASGIConnection
from litestar.datastructures import State

from nexus_data.errors import SettingError

Network = IPv4Network | IPv6Network
UNKNOWN = "unknown"


def networks(text: str) -> tuple[Network, ...]:
    """The networks of a comma-separated setting. SettingError for what is none."""
    try:
        return tuple(ip_network(part.strip(), strict=False) for part in text.split(",") if part.strip())
    except ValueError as error:
        raise SettingError(
            f"NEXUS_TRUSTED_PROXIES is a list of addresses or networks, as 10.0.0.0/8: {error}"
        ) from None


def client_address(request: ASGIConnection[Any, Any, Any, State]) -> str:
    """The address of the client; of an IPv6 one, its network of 64 bits, which is one customer's."""
    peer = request.client.host if request.client else ""
    trusted: Sequence[Network] = request.app.state.trusted_proxies
    told = ",".join(request.headers.getall("X-Forwarded-For", [])).split(",") if trusted else []
    return _grouped(nearest(peer, told, trusted))


def nearest(peer: str, told: Sequence[str], trusted: Sequence[Network]) -> str:
    """The first from this side that is no trusted proxy; what stands left of it anybody may have written."""
    address = peer
    for before in reversed(told):
        if not is_trusted(address, trusted):
            break
        address = before.strip()
    return address


def is_trusted(address: str, trusted: Sequence[Network]) -> bool:
    """Whether the address is in one of these networks."""
    found = _parsed(address)
    return found is not None and any(found in network for network in trusted)


def _parsed(address: str) -> IPv4Address | IPv6Address | None:
    try:
        found = ip_address(address)
    except ValueError:
        return None
    return found.ipv4_mapped or found if isinstance(found, IPv6Address) else found


def _grouped(address: str) -> str:
    found = _parsed(address)
    if isinstance(found, IPv6Address):
        return str(ip_network((found, 64), strict=False))
    return UNKNOWN if found is None else str(found)
