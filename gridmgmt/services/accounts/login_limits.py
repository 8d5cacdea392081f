"""Limit login attempts: they are counted before a password is checked.

=============================  ====================  =================
who tries                      counted by            most in an hour
=============================  ====================  =================
a browser that was logged in   account and browser   10
anybody else                   name and address      5; 1 from a noisy address
anybody else                   name                  10
=============================  ====================  =================

The counts begin again with each clock hour, and 24 hours touch 25 of them. So nobody has more
than 250 tries a day at an account, and 250 more on each browser in which its owner was logged
in. Somebody who tries a name all day keeps strangers out, but never the owner's own browsers.

An address is noisy after 30 failures in the hour. It is not blocked, since a whole office may
share it: each name then has one try there, so the right password works at the first try.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network

from sqlalchemy.engine import Connection

from gridmgmt.domain.accounts.attempt_limit import AttemptLimit
from gridmgmt.services.accounts import counted_attempts

_HOUR = timedelta(hours=1)
BY_BROWSER = AttemptLimit("login_browser", 10, _HOUR)
BY_NAME_THERE = AttemptLimit("login_name_address", 5, _HOUR)
BY_NAME = AttemptLimit("login_name", 10, _HOUR)
BY_ADDRESS = AttemptLimit("login_address", 30, _HOUR)
MOST_WHERE_NOISY = 1


@dataclass(frozen=True, slots=True)
class Attempt:
    """A person who types a username and a secret.

    ``browser`` is the mark of a browser in which this very account was logged in before, or
    None.
    """

    username: str
    address: str
    browser: str | None = None

    @property
    def block(self) -> str:
        """Return the addresses of one subscriber: a /64 for IPv6, else the address itself.

        Examples
        --------
        >>> Attempt("li", "2001:db8:1:2:3:4:5:6").block, Attempt("li", "::ffff:10.0.0.7").block
        ('2001:db8:1:2::/64', '10.0.0.7')
        """
        try:
            address = ip_address(self.address)
        except ValueError:
            return self.address
        if not isinstance(address, IPv6Address):
            return str(address)
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(ip_network((int(address), 64), strict=False))

    @property
    def _there(self) -> str:
        return f"{self.block} {self.username}"

    @property
    def _browser(self) -> str:
        return f"{self.browser} {self.username}"


@dataclass(frozen=True, slots=True)
class LoginVerdict:
    """Whether a secret may be checked: not for ``wait`` seconds, 0 if it may.

    ``began`` is True for the first attempt that has to wait: a lock has begun.
    """

    wait: int
    began: bool = False


def begin(conn: Connection, attempt: Attempt, *, now: datetime) -> LoginVerdict:
    """Count a login attempt, whether or not such an account exists.

    It is counted before the password is checked. Of many attempts at the same time, no more
    than the limit are answered.
    """
    if attempt.browser is not None:
        return _count(conn, BY_BROWSER, attempt._browser, BY_BROWSER.most, now)
    noisy = counted_attempts.made(conn, BY_ADDRESS, attempt.block, now=now) >= BY_ADDRESS.most
    # A whole office may share the address, so it is slowed and never blocked.
    most = MOST_WHERE_NOISY if noisy else BY_NAME_THERE.most
    there = _count(conn, BY_NAME_THERE, attempt._there, most, now)
    if there.wait:
        # This does not count against the name: one address must not use up the tries of all
        # strangers.
        return there
    anywhere = _count(conn, BY_NAME, attempt.username, BY_NAME.most, now)
    # Only answered attempts make an address noisy: a lock on a name must not lock its whole
    # office too.
    if not anywhere.wait:
        counted_attempts.count(conn, BY_ADDRESS, attempt.block, now=now)
    return anywhere


def take_back(conn: Connection, attempt: Attempt, *, now: datetime) -> None:
    """Count one attempt less, begun at ``now``, because the secret was right.

    Wrong attempts of others stay counted: a login does not give them new tries.
    """
    if attempt.browser is not None:
        counted_attempts.take_back(conn, BY_BROWSER, attempt._browser, now=now)
        return
    counted_attempts.take_back(conn, BY_NAME_THERE, attempt._there, now=now)
    counted_attempts.take_back(conn, BY_NAME, attempt.username, now=now)
    counted_attempts.take_back(conn, BY_ADDRESS, attempt.block, now=now)


def succeeded(conn: Connection, attempt: Attempt, *, now: datetime) -> None:
    """Reset the count of a browser after its owner has logged in."""
    if attempt.browser is not None:
        counted_attempts.forget(conn, BY_BROWSER, attempt._browser, now=now)


def _count(
    conn: Connection, limit: AttemptLimit, subject: str, most: int, now: datetime
) -> LoginVerdict:
    made = counted_attempts.add(conn, limit, subject, now=now)
    if made <= most:
        return LoginVerdict(0)
    return LoginVerdict(limit.seconds_left(now), began=made == most + 1)
