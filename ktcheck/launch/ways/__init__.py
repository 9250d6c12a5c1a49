"""The ways in which a test account logs in (``[idp.login]`` of the domain file)."""

from __future__ import annotations

from typing import Literal

from ktcheck.http import Evidence
from ktcheck.launch.agent import Agent
from ktcheck.launch.ways.browser import BrowserAgent, Picture
from ktcheck.launch.ways.chromium import Chromium
from ktcheck.launch.ways.form import FormAgent
from ktcheck.launch.ways.manual import Announce, ManualAgent
from ktcheck.smart.backend import Secret

Kind = Literal["form", "browser", "manual"]


def open_agent(
    kind: Kind,
    *,
    evidence: Evidence,
    trace_id: str,
    secret: Secret,
    base_url: str,
    redirect_uri: str | None = None,
    announce: Announce = lambda _what, _passed, _of: None,
    picture: Picture | None = None,
    chromium: Chromium | None = None,
) -> Agent:
    """A new browser, to be used with ``async with``.

    Args:
        kind: how it logs in.
        evidence: gets every exchange.
        trace_id: ``X-Trace-Id`` of its requests, where they are its own.
        secret: told every password, cookie, code and token before it is used.
        base_url: the FHIR base of the domain, to which nothing but GET and HEAD is sent.
        redirect_uri: where a person who logs in by hand is received.
        announce: tells that person what to do.
        picture: gets a screenshot of the last page of a browser.
        chromium: in which a real browser has its profile.
    """
    if kind == "manual":
        assert redirect_uri is not None  # the domain file was checked for it
        return ManualAgent(base_url=base_url, redirect_uri=redirect_uri, announce=announce)
    if kind == "browser":
        assert chromium is not None  # whoever opens agents holds it
        return BrowserAgent(
            evidence=evidence,
            trace_id=trace_id,
            secret=secret,
            base_url=base_url,
            chromium=chromium,
            picture=picture,
        )
    return FormAgent(evidence=evidence, trace_id=trace_id, secret=secret, base_url=base_url)
