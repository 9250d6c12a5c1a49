"""Somebody who launches tasks in the portal of a practice domain, for an application that waits for that."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import httpx2

from ktcheck.sandbox.service import Service
from tests.sandbox.launching import form

_POLL_SECONDS = 0.05


@contextmanager
def launching(service: Service, domain: str, application: str, people: Sequence[str]) -> Iterator[None]:
    """For as long as the block lasts: one task of each of these people, one after another, at an application."""
    over = threading.Event()
    thread = threading.Thread(target=_launch_all, args=(service, domain, application, people, over), daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _launch_all(service: Service, domain: str, application: str, people: Sequence[str], over: threading.Event) -> None:
    with httpx2.Client() as browser:
        for person in people:
            page = browser.get(service.portal(domain), params={"user": person}).raise_for_status().text
            button = r'name="task" value="([^"]+)">\s*<input type="hidden" name="application" value="{}"'
            found = re.search(button.format(re.escape(application)), page)
            assert found, page
            started = browser.post(form(page)[0], data={"task": found[1], "application": application})
            address, fields = form(started.raise_for_status().text)
            while not over.wait(_POLL_SECONDS) and not _posted(browser, address, fields):
                pass


def _posted(browser: httpx2.Client, address: str, fields: dict[str, str]) -> bool:
    """Whether anybody listened."""
    try:
        browser.post(address, data=fields).raise_for_status()
    except httpx2.TransportError:
        return False
    return True
