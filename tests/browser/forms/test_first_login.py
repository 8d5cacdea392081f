"""The way of a new administrator: phone, recovery codes, own password, and in again."""

from collections.abc import Iterator
from dataclasses import replace
from threading import Thread

import pyotp
import pytest
from playwright.sync_api import Browser, Page
from sqlalchemy.engine import Engine
from werkzeug.serving import make_server

from gridmgmt.services.accounts import accounts
from gridmgmt.settings import Settings
from tests.browser.using import closely
from tests.browser.watching import Watch, settle
from web import create_app

pytestmark = pytest.mark.proof

GIVEN, OWN = "a password for tests", "seven blue kettles"


@pytest.fixture
def origin(settings: Settings, engine: Engine) -> Iterator[str]:
    """A bureau that requires second factors, served beside the test."""
    with engine.begin() as conn:
        accounts.create(conn, "wang", "administrator", GIVEN, name="王建国", actor="a test")
    app = create_app(replace(settings, second_factor=True))
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()
    app.extensions["gridmgmt"].engine.dispose()


def send(page: Page, **typed: str) -> None:
    for field, text in typed.items():
        page.fill(f"#{field}", text)
    page.click("main button[type=submit]")
    settle(page)


def test_a_new_administrator_gets_in_by_phone_and_by_recovery_code(
    browser: Browser, origin: str
) -> None:
    page = browser.new_page(base_url=origin, reduced_motion="reduce")
    watch = Watch(page, origin)
    page.goto("/login")
    send(page, username="wang", password=GIVEN)
    page.wait_for_url("**/login/second-factor")
    assert page.locator("svg.qr-code").bounding_box()
    closely(page)
    page.locator("summary").click()
    secret = page.locator("details code").inner_text().replace(" ", "")
    send(page, code=pyotp.TOTP(secret).now())
    codes = page.locator(".recovery-codes code").all_inner_texts()
    assert len(codes) == 10
    closely(page)
    page.click("main a.btn")
    page.wait_for_url("**/account/password")
    closely(page)
    send(page, old=GIVEN, new="chengguan2026", again="chengguan2026")
    assert "此密码容易被猜到" in page.locator("#new-help").inner_text()
    send(page, old=GIVEN, new=OWN, again=OWN)
    page.wait_for_url("**/accounts")
    watch.check()
    page.close()

    elsewhere = browser.new_page(base_url=origin, reduced_motion="reduce")
    watch = Watch(elsewhere, origin)
    elsewhere.goto("/login")
    send(elsewhere, username="wang", password=OWN)
    elsewhere.wait_for_url("**/login/code")
    closely(elsewhere)
    send(elsewhere, code=codes[0])
    elsewhere.wait_for_url("**/account")
    assert "剩余恢复码 9 个" in elsewhere.locator("main").inner_text()
    closely(elsewhere)
    watch.check()
    elsewhere.close()
