"""The pages of an OpenID provider that people see."""

from __future__ import annotations

from jinja2 import Environment
from starlette.responses import HTMLResponse, Response

from ktcheck.sandbox.service.oauth import NO_STORE

_PAGES = Environment(autoescape=True, trim_blocks=True)
_STYLE = """\
  <style>
    body { font: 1rem/1.5 system-ui, sans-serif; margin: 4rem auto; max-width: 22rem; padding: 0 1rem; color: #1d2733 }
    h1 { font-size: 1.4rem }
    label { display: block; margin-top: 1rem }
    input { box-sizing: border-box; font: inherit; width: 100%; padding: .5rem; border: 1px solid #5b6b7b }
    button { font: inherit; margin-top: 1.5rem; padding: .5rem 1.5rem; color: #fff; background: #14507a; border: 0 }
    [role=alert] { border-left: .25rem solid #b3261e; padding: .25rem .75rem }
  </style>"""
_HEAD = f"""\
<!DOCTYPE html>
<html lang="nl">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>{{{{ title }}}}</title>
{_STYLE}
</head>
"""
_LOGIN = _PAGES.from_string(
    _HEAD
    + """\
<body>
  <main>
    <h1>{{ title }}</h1>
{% if problem %}
    <p role="alert">{{ problem }}</p>
{% endif %}
    <form method="post" action="{{ action }}">
      <input type="hidden" name="login" value="{{ own }}">
      <input type="hidden" name="csrf" value="{{ csrf }}">
      <label for="username">Gebruikersnaam</label>
      <input id="username" name="username" type="text" autocomplete="username" required autofocus>
      <label for="password">Wachtwoord</label>
      <input id="password" name="password" type="password" autocomplete="current-password" required>
      <button type="submit">Inloggen</button>
    </form>
  </main>
</body>
</html>
"""
)
_REFUSED = _PAGES.from_string(
    _HEAD
    + """\
<body>
  <main>
    <h1>{{ title }}</h1>
    <p role="alert">{{ problem }}</p>
  </main>
</body>
</html>
"""
)


def login(action: str, own: str, csrf: str, status: int, problem: str) -> Response:
    """The page with the form; ``problem`` is why it is there again."""
    text = _LOGIN.render(title="Inloggen bij de oefenomgeving", action=action, own=own, csrf=csrf, problem=problem)
    return HTMLResponse(text, status, NO_STORE)


def refused(problem: str) -> Response:
    """The page for what cannot be answered with a form or by going back."""
    return HTMLResponse(_REFUSED.render(title="Inloggen kan niet", problem=problem), 400, NO_STORE)
