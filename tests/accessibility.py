"""Pages on disk as people get them: judged by axe-core, looked at, printed. In the system's Chromium, without network.

Tests take the fixture ``local_pages`` and carry ``@pytest.mark.browser``.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Request, sync_playwright

# WCAG 2.0, 2.1 and 2.2 at levels A and AA: what EN 301 549 and Digitoegankelijk ask, and the newest edition.
WCAG = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")

DESKTOP = (1280, 900)
PHONE = (360, 780)

Scheme = Literal["light", "dark"]


class LocalPages:
    """Opens HTML files; each one anew, as a first visit."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser

    @contextmanager
    def opened(
        self, file: Path, *, size: tuple[int, int] = DESKTOP, scheme: Scheme = "light", scripts: bool = True
    ) -> Iterator[Page]:
        """The page, loaded. A page that asks for anything that is not on disk fails the test.

        Args:
            file: An HTML file.
            size: Width and height of the window in CSS pixels.
            scheme: The colours that the reader prefers.
            scripts: False: as read with JavaScript off.
        """
        asked: list[str] = []

        def note(request: Request) -> None:
            if not request.url.startswith(("file:", "data:", "blob:", "about:")):
                asked.append(request.url)

        context = self._browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            color_scheme=scheme,
            java_script_enabled=scripts,
            offline=True,
            bypass_csp=True,  # axe-core is a script, and a report allows none but its own
        )
        try:
            page = context.new_page()
            page.on("request", note)
            page.goto(file.resolve().as_uri(), wait_until="load")
            yield page
        finally:
            context.close()
        assert not asked, f"{file.name} asks the network for {asked}"

    def violations(self, file: Path, *, size: tuple[int, int] = DESKTOP, scheme: Scheme = "light") -> list[str]:
        """What axe-core finds against WCAG A and AA, a line for each element: ``[]`` is a page without faults."""
        with self.opened(file, size=size, scheme=scheme) as page:
            result = Axe().run(page, options={"runOnly": list(WCAG)}).response
        assert result["passes"], f"axe-core found nothing to examine in {file.name}"
        return [
            f"{fault['id']} ({fault['impact']}) {' '.join(map(str, node['target']))}: {fault['help']}"
            for fault in result["violations"]
            for node in fault["nodes"]
        ]

    def screenshot(
        self,
        file: Path,
        picture: Path,
        *,
        size: tuple[int, int] = DESKTOP,
        scheme: Scheme = "light",
        whole: bool = False,
    ) -> Path:
        """Writes the window, or with ``whole`` the page from top to bottom, as PNG."""
        with self.opened(file, size=size, scheme=scheme) as page:
            page.screenshot(path=picture, full_page=whole)
        return picture

    def printed(self, file: Path, pdf: Path) -> Path:
        """Writes the page as it comes out of a printer, on A4."""
        with self.opened(file) as page:
            page.pdf(path=pdf, format="A4")
        return pdf


@contextmanager
def local_pages(executable: Path) -> Iterator[LocalPages]:
    """Starts Chromium and stops it. In between, this thread can't start another event loop."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=executable,
            chromium_sandbox=os.geteuid() != 0,  # Chromium refuses to sandbox what root started
        )
        try:
            yield LocalPages(browser)
        finally:
            browser.close()
