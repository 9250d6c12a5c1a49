"""The system's Chromium, driven by Playwright: one for all launches of a run, because starting it takes seconds."""

from __future__ import annotations

import asyncio
import os
import shutil
from types import TracebackType
from typing import TYPE_CHECKING, Self

from ktcheck.errors import InputError

if TYPE_CHECKING:
    from playwright.async_api import Browser, Playwright

CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

# The requests of frames of other sites are then those of the page too, so that they are held back as well.
_ONE_PROCESS = ["--disable-site-isolation-trials", "--disable-features=IsolateOrigins,site-per-process"]


def find_chromium() -> str:
    """The browser that ``KTCHECK_CHROMIUM`` names, or else the Chromium of this machine.

    Raises:
        InputError: there is none.
    """
    named = os.environ.get("KTCHECK_CHROMIUM")
    found = next((path for name in ((named,) if named else CHROMIUM) if (path := shutil.which(name))), None)
    if found is None:
        raise InputError(
            'login with kind "browser" needs Chromium, and there is none on this machine; install it, or name it in '
            "KTCHECK_CHROMIUM"
        )
    return found


def check_browser() -> None:
    """See to it that a browser can be driven.

    Raises:
        InputError: Playwright or Chromium is not there.
    """
    find_chromium()
    try:
        import playwright.async_api  # noqa: F401, PLC0415 (an extra: most logins do without)
    except ImportError:
        raise InputError(
            'login with kind "browser" needs Playwright; install ktcheck with it: pip install "ktcheck[browser]"'
        ) from None


class Chromium:
    """Starts when it is first needed, and again when it crashed; whoever uses it has a profile of his own in it."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()
        self._playwright: Playwright | None = None
        self._browser: Browser | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._browser:
            await self._browser.close()
        if self._playwright:
            await self._playwright.stop()

    async def running(self) -> Browser:
        """The browser.

        Raises:
            InputError: Playwright or Chromium is not there, or Chromium does not start.
        """
        async with self._lock:
            if self._browser is None or not self._browser.is_connected():
                self._browser = await self._started()
            return self._browser

    async def _started(self) -> Browser:
        check_browser()
        from playwright.async_api import Error, async_playwright  # noqa: PLC0415

        if self._playwright is None:
            self._playwright = await async_playwright().start()
        try:
            # Chromium's own sandbox does not work for root, who runs it in containers.
            return await self._playwright.chromium.launch(
                executable_path=find_chromium(), chromium_sandbox=os.geteuid() != 0, args=_ONE_PROCESS
            )
        except Error:
            raise InputError(
                "Chromium does not start; see whether it starts by itself, or name another one in KTCHECK_CHROMIUM"
            ) from None
