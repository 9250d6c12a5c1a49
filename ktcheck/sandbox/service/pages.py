"""The pages of a practice domain that people see: logging in, the portal, and the end of a launch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jinja2 import DictLoader, Environment
from starlette.responses import HTMLResponse, Response

from ktcheck.sandbox.service.oauth import NO_STORE

_FRAME = """\
<!DOCTYPE html>
<html lang="nl">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>{{ title }}</title>
  <style>
    body { font: 1rem/1.5 system-ui, sans-serif; margin: 4rem auto; max-width: 34rem; padding: 0 1rem; color: #1d2733 }
    h1 { font-size: 1.4rem }
    label { display: block; margin-top: 1rem }
    input { box-sizing: border-box; font: inherit; width: 100%; padding: .5rem; border: 1px solid #5b6b7b }
    button { font: inherit; margin: .5rem 0; padding: .5rem 1.5rem; color: #fff; background: #14507a; border: 0 }
    [role=alert] { border-left: .25rem solid #b3261e; padding: .25rem .75rem }
  </style>
</head>
<body>
  <main>
    <h1>{{ title }}</h1>
{% if problem %}
    <p role="alert">{{ problem }}</p>
{% endif %}
{% block content %}{% endblock %}
  </main>
</body>
</html>
"""
_LOGIN = """\
{% extends "frame" %}
{% block content %}
    <form method="post" action="{{ action }}">
      <input type="hidden" name="login" value="{{ own }}">
      <input type="hidden" name="csrf" value="{{ csrf }}">
      <label for="username">Gebruikersnaam</label>
      <input id="username" name="username" type="text" autocomplete="username" required autofocus>
      <label for="password">Wachtwoord</label>
      <input id="password" name="password" type="password" autocomplete="current-password" required>
      <button type="submit">Inloggen</button>
    </form>
{% endblock %}
"""
_MESSAGE = """\
{% extends "frame" %}
{% block content %}
{% if text %}
    <p>{{ text }}</p>
{% endif %}
{% endblock %}
"""
_CHOICE = """\
{% extends "frame" %}
{% block content %}
    <p>{{ text }}</p>
    <ul>
{% for item in items %}
      <li>
{% if item.link %}
        <a href="{{ item.link }}">{{ item.name }}</a>
{% else %}
        {{ item.name }}
{% for button in item.buttons %}
        <form method="post" action="{{ action }}">
          <input type="hidden" name="task" value="{{ button.task }}">
          <input type="hidden" name="application" value="{{ button.application }}">
          <button type="submit">{{ button.text }}</button>
        </form>
{% endfor %}
{% endif %}
      </li>
{% endfor %}
    </ul>
{% endblock %}
"""
_HANDOVER = """\
{% extends "frame" %}
{% block content %}
    <form method="post" action="{{ action }}">
{% for name, value in fields.items() %}
      <input type="hidden" name="{{ name }}" value="{{ value }}">
{% endfor %}
      <button type="submit">Starten</button>
    </form>
    <script>document.forms[0].submit()</script>
{% endblock %}
"""
_PAGES = Environment(
    autoescape=True,
    trim_blocks=True,
    loader=DictLoader(
        {"frame": _FRAME, "login": _LOGIN, "message": _MESSAGE, "choice": _CHOICE, "handover": _HANDOVER}
    ),
)


def _page(name: str, status: int, **content: Any) -> Response:
    return HTMLResponse(_PAGES.get_template(name).render(content), status, NO_STORE)


def login(action: str, own: str, csrf: str, status: int, problem: str) -> Response:
    """The page with the form of a login; ``problem`` is why it is there again."""
    title = "Inloggen bij de oefenomgeving"
    return _page("login", status, title=title, action=action, own=own, csrf=csrf, problem=problem)


def message(title: str, text: str) -> Response:
    """A page that tells that something went well."""
    return _page("message", 200, title=title, text=text)


def refused(title: str, problem: str, status: int = 400) -> Response:
    """A page that tells what went wrong."""
    return _page("message", status, title=title, problem=problem)


def choice(title: str, text: str, items: list[dict[str, Any]], action: str = "") -> Response:
    """A list of links, or of things with buttons that post to ``action``."""
    return _page("choice", 200, title=title, text=text, items=items, action=action)


def handover(action: str, fields: Mapping[str, str]) -> Response:
    """The page with which a portal posts a launch to a module: by itself, or with a button where scripts are off."""
    return _page("handover", 200, title="De taak wordt gestart", action=action, fields=fields)
