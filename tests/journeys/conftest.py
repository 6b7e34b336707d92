"""A real browser on a real server: Debian's Chromium, driven by Playwright."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.urls import resolve
from django.utils import translation
from django.utils.translation import gettext
from playwright.sync_api import Browser, Locator, Page, sync_playwright

from parks.models import Membership
from tests.clients import confirmed_client

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
# What keeps Chromium from looking for the outside world, which is not there.
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
SERIOUS = {"serious", "critical"}
# A page that asks nothing of the server for so long has settled. Playwright's own idle waits half a second each time.
QUIET_MS = 80
PATIENCE_S = 15


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if CHROMIUM is None:
        for item in items:
            if "journeys" in item.path.parts:
                item.add_marker(pytest.mark.skip(reason="no Chromium on this machine: install Debian's chromium"))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    # Playwright runs a loop in this thread; the tests' own queries in it are synchronous all the same.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield chromium
        chromium.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@dataclass
class Visitor:
    """A person at a browser, who reads one language and complains about everything that is wrong with a page."""

    page: Page
    base: str
    language: str
    complaints: list[str] = field(default_factory=list)
    read: set[tuple[str, str]] = field(default_factory=set)
    asked: int = 0
    answered: int = 0

    def __post_init__(self) -> None:
        self.page.on("request", lambda _: self.count(asked=1))
        self.page.on("requestfinished", lambda _: self.count(answered=1))
        self.page.on("requestfailed", lambda _: self.count(answered=1))
        self.page.on("console", lambda line: self.note(line.type, line.text))
        self.page.on("pageerror", lambda error: self.note("error", str(error)))

    def count(self, asked: int = 0, answered: int = 0) -> None:
        self.asked += asked
        self.answered += answered

    def note(self, kind: str, text: str) -> None:
        if kind == "error":
            self.complaints.append(f"{self.page.url}: console: {text}")

    def say(self, words: str, **values: object) -> str:
        """How the portal says `words` in the language of this person."""
        with translation.override(self.language):
            said = gettext(words)
        return said % values if values else said

    def open(self, path: str) -> None:
        self.page.goto(self.base + path)
        self.look()

    def look(self) -> None:
        """Wait for the page, then let axe read it: a page of one kind once for each visitor."""
        self.settle()
        where = urlsplit(self.page.url).path
        assert self.page.locator("html").get_attribute("lang") == ("zh-Hans" if self.language == "zh-hans" else "en")
        kind = (resolve(where).view_name, self.page.title())
        if kind in self.read:
            return
        self.read.add(kind)
        for violation in Axe().run(self.page).response["violations"]:
            if violation["impact"] in SERIOUS:
                targets = [node["target"] for node in violation["nodes"]][:3]
                self.complaints.append(f"{where}: axe {violation['id']} at {targets}")

    def settle(self) -> None:
        """Wait until the page is there and nothing more is under way."""
        self.page.wait_for_load_state("load")
        end, before = time.monotonic() + PATIENCE_S, None
        while before != (now := (self.asked, self.answered)) or self.asked > self.answered:
            assert time.monotonic() < end, f"{self.page.url}: {self.asked - self.answered} requests without an answer"
            before = now
            self.page.wait_for_timeout(QUIET_MS)

    def click(self, words: str, role: str = "button", within: Locator | None = None, **values: object) -> None:
        place = within or self.page
        place.get_by_role(role, name=self.say(words, **values), exact=True).first.click()
        self.look()

    def fill(self, label: str, value: str) -> None:
        self.page.get_by_label(self.say(label)).first.fill(value)

    def sees(self, words: str) -> bool:
        return self.page.get_by_text(words).first.is_visible()

    def sign_in(self, email: str, password: str) -> None:
        self.open("/account/login/")
        self.page.locator("input[name=login]").fill(email)
        self.page.locator("input[name=password]").fill(password)
        self.click("Sign in")

    def enter(self, membership: Membership) -> None:
        """Signed in already, and the password given: for journeys that are about something else than the door."""
        session = confirmed_client(membership).cookies[settings.SESSION_COOKIE_NAME]
        self.page.context.add_cookies([{"name": session.key, "value": session.value, "url": self.base}])
        self.open("/")


@pytest.fixture
def visit(browser: Browser, live_server) -> Iterator[Callable[[str, str], Visitor]]:
    """Open a browser of one's own for each person; at the end nobody may have had a complaint."""
    visitors: list[Visitor] = []

    def arrive(language: str, theme: str = "light", width: int = 1440) -> Visitor:
        context = browser.new_context(viewport={"width": width, "height": 900})
        context.set_default_timeout(10_000)
        cookies = {"django_language": language, "theme": theme}
        context.add_cookies([{"name": n, "value": v, "url": live_server.url} for n, v in cookies.items()])
        visitor = Visitor(context.new_page(), live_server.url, language)
        visitors.append(visitor)
        return visitor

    yield arrive
    complaints = [complaint for visitor in visitors for complaint in visitor.complaints]
    for visitor in visitors:
        visitor.page.context.close()
    assert complaints == []
