"""
How often a login may be tried, and how often a token may ask.

Counted in memory: a restart forgets, and each process counts for itself.
"""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING

from limits import RateLimitItemPerDay, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter, SlidingWindowCounterRateLimiter

from tracker.clock import utc_now

if TYPE_CHECKING:
    from limits import RateLimitItem

#: One name from one address: enough for a person who mistypes.
_PAIR = RateLimitItemPerMinute(10, 15, namespace="pair")
#: One address, whatever the names: one password is tried on many people.
_ADDRESS = RateLimitItemPerMinute(100, 15, namespace="address")
#: One name from strange addresses: many machines try one person's password.
_NAME = RateLimitItemPerMinute(60, 10, namespace="name")
#: An address from which the name has logged in is no stranger for so long.
_KNOWN = RateLimitItemPerDay(1, 30, namespace="known")


class LoginTries:
    """
    Counts tries to log in; a success forgets the tries with that name.

    Strangers can keep a person out only at addresses from which that person has not logged in,
    and no longer than ten minutes after they stop.
    """

    def __init__(self) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def wait(self, address: str, name: str) -> int:
        """
        Counts one try; seconds until another one is worthwhile, 0 when this one may go on.
        """
        network, name = network_of(address), name.casefold()
        counts: list[tuple[RateLimitItem, tuple[str, ...]]] = [
            (_ADDRESS, (network,)),
            (_PAIR, (network, name)),
        ]
        if self._limiter.test(_KNOWN, network, name):
            counts.append((_NAME, (name,)))
        for item, keys in counts:
            if not self._limiter.hit(item, *keys):
                reset = self._limiter.get_window_stats(item, *keys).reset_time
                return _seconds_until(reset)
        return 0

    def succeeded(self, address: str, name: str) -> None:
        """
        The name may be tried as often as before, and is known at this address.
        """
        network, name = network_of(address), name.casefold()
        self._limiter.clear(_PAIR, network, name)
        self._limiter.clear(_NAME, name)
        self._limiter.hit(_KNOWN, network, name)


class TokenPace:
    """
    How often one token may ask, per minute.
    """

    def __init__(self, per_minute: int) -> None:
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._item = RateLimitItemPerMinute(per_minute)

    def wait(self, token_hash: str) -> int:
        """
        Counts one question; seconds until the next may come, 0 when this one may go on.
        """
        if self._limiter.hit(self._item, token_hash):
            return 0
        reset = self._limiter.get_window_stats(self._item, token_hash).reset_time
        return _seconds_until(reset)


def _seconds_until(instant: float) -> int:
    return max(1, round(instant - utc_now().timestamp()))


def network_of(address: str) -> str:
    """
    What one customer of a provider has: an IPv4 address, or the /64 of an IPv6 address.
    """
    try:
        parsed = ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ip_network((parsed, 64), strict=False))
    return str(parsed)
