from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from gridmgmt.domain.accounts.device import device_of
from gridmgmt.domain.accounts.session import Session, SessionLimits

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
LIMITS = SessionLimits(idle=timedelta(hours=1), whole=timedelta(hours=12))
SECOND = timedelta(seconds=1)
AT_NOON = Session(1, "li", NOON, NOON, "10.0.0.1", "Firefox 128", None, None)


@pytest.mark.parametrize(
    ("seen_after", "asked_after", "is_live"),
    [
        # Right after the login.
        (timedelta(), timedelta(), True),
        # A second before the idle limit, and at it.
        (timedelta(), timedelta(hours=1) - SECOND, True),
        (timedelta(), timedelta(hours=1), False),
        # Seen all the time: the limit of the whole ends it nevertheless.
        (timedelta(hours=11, minutes=59), timedelta(hours=12) - SECOND, True),
        (timedelta(hours=11, minutes=59), timedelta(hours=12), False),
        # A server whose clock is a little behind the other's.
        (timedelta(minutes=1), timedelta(), True),
    ],
)
def test_a_session_lives_until_either_limit(
    seen_after: timedelta, asked_after: timedelta, is_live: bool
) -> None:
    session = replace(AT_NOON, last_seen_at=NOON + seen_after)
    assert session.is_live(NOON + asked_after, LIMITS) is is_live


def test_an_ended_session_lives_no_more() -> None:
    assert not replace(AT_NOON, ended_at=NOON).is_live(NOON, LIMITS)


LIKE = "AppleWebKit/537.36 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("user_agent", "device"),
    [
        (
            f"Mozilla/5.0 (X11; Linux x86_64) {LIKE} Chrome/126.0 Safari/537.36",
            "Chrome 126, Linux",
        ),
        (
            f"Mozilla/5.0 (X11; Linux x86_64) {LIKE} HeadlessChrome/126.0 Safari/537.36",
            "Chrome 126, Linux",
        ),
        (
            f"Mozilla/5.0 (Windows NT 10.0) {LIKE} Chrome/86.0 Safari/537.36 QIHU 360EE",
            "360 Browser, Windows",
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0",
            "Firefox 128, Windows",
        ),
        (
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15"
                " (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1"
            ),
            "Safari 17, iOS",
        ),
        (
            (
                f"Mozilla/5.0 (Linux; Android 12; HarmonyOS) {LIKE} Chrome/114.0 Mobile"
                " Safari/537.36 MicroMessenger/8.0.49"
            ),
            "WeChat 8, HarmonyOS",
        ),
        (
            f"Mozilla/5.0 (Windows NT 6.1) {LIKE} Chrome/94.0 QQBrowser/12.1",
            "QQ Browser 12, Windows",
        ),
        ("Mozilla/5.0 (Windows NT 10.0)", "Windows"),
        ("python-requests/2.32.3", "python-requests/2.32.3"),
        ("x" * 5000, "x" * 40),
        ("Chrome/" + "1" * 5000, "Chrome " + "1" * 33),
        ("\r\n<b>\x00bold", "<b>"),
        (" ", ""),
    ],
)
def test_a_browser_is_named_as_people_know_it(user_agent: str, device: str) -> None:
    assert device_of(user_agent) == device
