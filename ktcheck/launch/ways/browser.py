"""Logging in with a real browser, for pages that need scripts: the system's Chromium, driven by Playwright."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import TYPE_CHECKING, Self

from ktcheck import http
from ktcheck.domain import TestAccount
from ktcheck.launch.agent import (
    VISIT_SECONDS,
    BarredError,
    Until,
    Visit,
    Visited,
    password,
)
from ktcheck.launch.ways.chromium import Chromium
from ktcheck.launch.ways.form import SHORTEST_SECRET
from ktcheck.launch.ways.pages import Form, check_form, login_refused, no_account, read_page
from ktcheck.launch.ways.traffic import Traffic
from ktcheck.smart.backend import Secret

if TYPE_CHECKING:
    from playwright.async_api import Browser, BrowserContext, CDPSession, Page, Route

Picture = Callable[[bytes], None]
"""Gets a picture (PNG) of the page at the end of a visit."""

_SETTLED = 0.5
"""A page that has gone nowhere for so many seconds after it was loaded stays."""

_POLL = 0.05
_WIDTH, _HEIGHT = 1280, 800


class BrowserAgent:
    """A profile of its own in a Chromium, thrown away after use.

    ``picture`` gets the page at the end, for who asked for screenshots.
    """

    def __init__(
        self,
        *,
        evidence: http.Evidence,
        trace_id: str,
        secret: Secret,
        base_url: str,
        chromium: Chromium,
        picture: Picture | None = None,
    ) -> None:
        self._evidence = evidence
        self._trace_id = trace_id
        self._secret = secret
        self._base_url = base_url
        self._chromium = chromium
        self._picture = picture
        self._browser: Browser | None = None

    async def __aenter__(self) -> Self:
        self._browser = await self._chromium.running()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._browser = None

    async def visit(self, visit: Visit, *, until: Until, account: TestAccount | None) -> Visited:
        """As ``Agent`` says."""
        from playwright.async_api import Error  # noqa: PLC0415

        assert self._browser
        context = await self._browser.new_context(
            locale="nl-NL", viewport={"width": _WIDTH, "height": _HEIGHT}, service_workers="block"
        )
        page = await context.new_page()
        await context.route("**/*", lambda route: _only_of(page, route))
        traffic = Traffic(until, self._base_url, self._secret, self._evidence, self._trace_id)
        walk = _Walk(page, traffic, account, self._secret)
        reason = await self._gone(walk, traffic, visit, await context.new_cdp_session(page))
        with suppress(Error):  # a page that crashed has nothing more to give
            await self._keep(context, page if traffic.stopped is None else None)
        with suppress(Error):
            await context.close()
        return Visited(
            hops=tuple(traffic.hops),
            stopped=traffic.stopped,
            status=traffic.hops[-1].status if traffic.hops else None,
            logged_in=walk.accepted,
            reason_nl=reason.nl if reason else None,
            reason_en=reason.en if reason else None,
        )

    async def _keep(self, context: BrowserContext, page: Page | None) -> None:
        """Tell of the cookies, and take a picture of the page."""
        for cookie in await context.cookies():
            if len(cookie.get("value", "")) >= SHORTEST_SECRET:
                self._secret(cookie["value"])
        if self._picture and page:
            self._picture(await page.screenshot())

    async def _gone(self, walk: _Walk, traffic: Traffic, visit: Visit, session: CDPSession) -> BarredError | None:
        """Make the visit; why it ended early, if it did."""
        from playwright.async_api import Error  # noqa: PLC0415

        try:
            await traffic.watch(session, visit)
            async with asyncio.timeout(VISIT_SECONDS):
                await walk.go(visit)
        except BarredError as error:
            return error
        except TimeoutError:
            return BarredError(
                f"het duurde langer dan {VISIT_SECONDS:.0f} seconden", f"it took more than {VISIT_SECONDS:.0f} seconds"
            )
        except Error:
            # The library's own text may quote an address.
            return BarredError("de browser kan de pagina niet laden", "the browser cannot load the page")
        return None


async def _only_of(page: Page, route: Route) -> None:
    """Let nothing through of another window: only this page is watched."""
    from playwright.async_api import Error  # noqa: PLC0415

    try:
        own = route.request.frame.page is page
    except Error:  # a window that is just being opened
        own = False
    with suppress(Error):  # the page may have gone away meanwhile
        await (route.continue_() if own else route.abort())


class _Walk:
    """What the user does on the pages that come."""

    def __init__(self, page: Page, traffic: Traffic, account: TestAccount | None, secret: Secret) -> None:
        self.accepted = False
        self._page = page
        self._traffic = traffic
        self._account = account
        self._secret = secret
        self._named = False
        self._asked = False  # for the password, which was then given

    async def go(self, visit: Visit) -> None:
        """From the first request to a page that stays, or to where the traffic was stopped."""
        going = asyncio.ensure_future(self._page.goto(visit.url, wait_until="commit", timeout=VISIT_SECONDS * 1000))
        over = asyncio.ensure_future(self._traffic.ended.wait())
        await asyncio.wait((going, over), return_when=asyncio.FIRST_COMPLETED)
        over.cancel()
        if self._traffic.over:
            going.cancel()
        else:
            await going
        while not await self._stays():
            form = await self._login()
            if form is None:
                return
            await self._fill_in(form)

    async def _stays(self) -> bool:
        """Wait until the page goes nowhere of itself; True when it was held back."""
        while not self._traffic.over and time.monotonic() - self._traffic.moved < _SETTLED:
            await asyncio.sleep(_POLL)
        if self._traffic.barred:
            raise self._traffic.barred
        if self._traffic.stopped:
            return True
        await self._page.wait_for_load_state("load")
        return False

    async def _login(self) -> Form | None:
        """The form that is to be filled in now, if there is one."""
        status = self._traffic.hops[-1].status if self._traffic.hops else None
        form = read_page((await self._page.content()).encode(), self._page.url).login
        if form and form.password and self._asked:
            self.accepted = False
            raise login_refused(status)
        if form is None or self._asked or (self._named and not form.password):
            return None
        if status is None or status >= 400:
            return None
        if self._account is None:
            raise no_account()
        check_form(form)
        return form

    async def _fill_in(self, form: Form) -> None:
        assert self._account
        field = self._page.locator(f"input[name={json.dumps(form.password or form.username)}]").first
        if form.username:
            await self._page.locator(f"input[name={json.dumps(form.username)}]").first.fill(self._account.username)
        if form.password:
            word = password(self._account)
            self._secret(word)
            await field.fill(word)
            self._asked = True
        self._named = True
        before = len(self._traffic.hops)
        await field.press("Enter")
        while not self._traffic.over and len(self._traffic.hops) == before:
            await asyncio.sleep(_POLL)
        answers = [hop.status for hop in self._traffic.hops[before : before + 1]]
        self.accepted = self._asked and all(status is not None and status < 400 for status in answers)
