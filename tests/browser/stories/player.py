"""Plays a story in the browser, as a person does, and counts the clicks."""

import re
from functools import singledispatchmethod
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import Site
from tests.browser.stories.story import (
    Agree,
    Choose,
    Click,
    Holds,
    Key,
    Lists,
    Notes,
    Press,
    Sees,
    SeesNot,
    Send,
    Step,
    Takes,
    Type,
    Want,
)
from tests.browser.using import JOB_MS, click_middle_of, count_of_list, number
from tests.browser.watching import settle


class Player:
    """Somebody at a page of a city; ``clicks`` counts what they did."""

    def __init__(self, page: Page, site: Site, folder: Path) -> None:
        self.clicks = 0
        self.noted: dict[str, str] = {}
        self._page = page
        self._site = site
        self._folder = folder

    def play(self, want: Want) -> None:
        """Do what a want says, beginning where the role lands.

        Raises
        ------
        AssertionError
            when a step is not possible or what it should show is not there; says which step,
            and leaves a picture of the page in the folder
        """
        self.clicks, self.noted = 0, {}
        self._page.goto("/")
        settle(self._page)
        for at, step in enumerate(want.steps, start=1):
            try:
                self._do(step)
            except Exception as error:
                picture = self._folder / "failed.png"
                self._page.screenshot(path=picture, full_page=True)
                message = (
                    f"{want.en}, step {at} at {self._page.url}: {step} ({picture})\n{error}"
                )
                raise AssertionError(message) from error

    def _filled(self, text: str) -> str:
        # Not str.format: selectors have braces of their own.
        return re.sub(r"\{(\w+)\}", lambda found: self.noted[found[1]], text)

    def _clicked(self) -> None:
        self.clicks += 1
        settle(self._page)

    @singledispatchmethod
    def _do(self, step: Step) -> None:
        raise TypeError(step)

    @_do.register
    def _(self, step: Click) -> None:
        self._page.locator(self._filled(step.on)).first.click()
        self._clicked()

    @_do.register
    def _(self, step: Agree) -> None:
        self._page.once("dialog", lambda dialog: dialog.accept())
        self._page.locator(self._filled(step.on)).first.click()
        self.clicks += 1
        self._clicked()

    @_do.register
    def _(self, step: Type) -> None:
        field = self._page.locator(step.into)
        field.fill(self._filled(step.text))
        # A person leaves the field for the next one; scripts wait for that.
        field.dispatch_event("change")
        self._clicked()

    @_do.register
    def _(self, step: Choose) -> None:
        entries = self._page.locator(step.of)
        if step.label is None:
            entries.select_option(index=1)
        else:
            entries.select_option(label=self._filled(step.label))
        self._clicked()

    @_do.register
    def _(self, step: Key) -> None:
        self._page.keyboard.press(step.name)
        self._clicked()

    @_do.register
    def _(self, step: Press) -> None:
        self._page.locator(step.on).first.scroll_into_view_if_needed()
        click_middle_of(self._page, step.on)
        self._clicked()

    @_do.register
    def _(self, step: Send) -> None:
        self._page.set_input_files(step.into, step.make(self._site.city, self._folder))
        self._clicked()

    @_do.register
    def _(self, step: Takes) -> None:
        with self._page.expect_download(timeout=JOB_MS) as download:
            self._page.locator(self._filled(step.on)).first.click()
        self.clicks += 1
        path = self._folder / download.value.suggested_filename
        download.value.save_as(path)
        step.check(path, self.noted)

    @_do.register
    def _(self, step: Sees) -> None:
        part = self._page.locator(self._filled(step.within)).first
        expect(part).to_contain_text(self._filled(step.text), timeout=JOB_MS)

    @_do.register
    def _(self, step: SeesNot) -> None:
        part = self._page.locator(self._filled(step.within))
        if step.text:
            part = part.filter(has_text=self._filled(step.text))
        expect(part).to_have_count(0)

    @_do.register
    def _(self, step: Notes) -> None:
        there = self._page.locator(self._filled(step.of)).first
        if step.attribute is None:
            expect(there).to_have_text(re.compile(step.find), timeout=JOB_MS)
        text = there.get_attribute(step.attribute) if step.attribute else there.inner_text()
        found = re.search(step.find, text or "")
        assert found, f"{step.find} not in {text}"
        self.noted[step.name] = found[1].strip()

    @_do.register
    def _(self, step: Lists) -> None:
        assert count_of_list(self._page) == number(self.noted[step.noted])

    @_do.register
    def _(self, step: Holds) -> None:
        step.check(self._page, self._site.city, self.noted)
