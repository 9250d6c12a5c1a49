"""The forms of a page: the one that logs in, and the one that a page submits by itself."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import lxml.html
from lxml.etree import ParserError
from lxml.html import FormElement, HtmlElement

from ktcheck.launch.agent import MOST_REQUESTS, BarredError

_WRITTEN = frozenset({"text", "email", "tel"})
_NAME_OF_USER = re.compile(r"user|login|e-?mail|account|identifier|gebruiker", re.IGNORECASE)
_SUBMITS = re.compile(r"\bsubmit\s*\(|\brequestSubmit\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """Where a form goes and what is in it. ``username`` and ``password`` are the names of the fields for those."""

    method: str
    action: str = field(repr=False)
    fields: Mapping[str, str] = field(repr=False)
    encoded: bool
    username: str | None = None
    password: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What matters of a page.

    ``login`` asks for a password, or for the name of a user before it is asked for. ``automatic`` is a form that the
    page itself submits.
    """

    login: Form | None = None
    automatic: Form | None = None


def check_form(form: Form) -> None:
    """See to it that a form is one that can be filled in, and that it keeps a password out of the address.

    Raises:
        BarredError: it is not.
    """
    if form.method == "POST" and not form.encoded:
        raise BarredError("een formulier wil een bestand versturen", "a form wants to send a file")
    if form.method != "POST" and form.password:
        raise BarredError(
            "het inlogformulier zet het wachtwoord in het adres; het is niet ingevuld",
            "the login form puts the password in the address; it was not filled in",
        )


def login_refused(status: int | None) -> BarredError:
    """The login form is there again after it was filled in."""
    return BarredError(
        f"de inlogpagina komt terug (status {status}): de naam of het wachtwoord is geweigerd",
        f"the login page comes back (status {status}): the name or the password was refused",
    )


def no_account() -> BarredError:
    """There is a login form, and nobody to log in."""
    return BarredError("er wordt om een wachtwoord gevraagd", "a password is asked for")


def endless() -> BarredError:
    """There were as many requests as a visit may have."""
    return BarredError(
        f"na {MOST_REQUESTS} pagina's en doorverwijzingen was er nog geen eind",
        f"after {MOST_REQUESTS} pages and redirects there was no end yet",
    )


def read_page(content: bytes, url: str) -> Page:
    """The forms of an HTML page that came from ``url``; none when it is no HTML."""
    try:
        document: HtmlElement = lxml.html.document_fromstring(content, base_url=url)
        document.make_links_absolute(resolve_base_href=True, handle_failures="discard")
    except (ParserError, ValueError):
        return Page()
    forms = [form for form in document.forms if isinstance(form, FormElement)]
    asking = [found for form in forms if (found := _login(form, url))]
    login = next((form for form in asking if form.password), None) or next(iter(asking), None)
    return Page(login=login, automatic=None if login else _automatic(document, forms, url))


def _login(form: FormElement, url: str) -> Form | None:
    inputs = [item for item in _inputs(form) if item.get("name")]
    secret = next((item for item in inputs if _type(item) == "password"), None)
    names = [item for item in inputs if _type(item) in _WRITTEN]
    likely = [item for item in names if _is_for_name(item)]
    if secret is None and not likely:
        return None
    name = next(iter(likely), None) if secret is None else next(iter([*likely, *names]), None)
    return _form(
        form,
        url,
        username=name.get("name") if name is not None else None,
        password=secret.get("name") if secret is not None else None,
    )


def _automatic(document: HtmlElement, forms: list[FormElement], url: str) -> Form | None:
    """The first form that asks for nothing, of a page whose own script submits it."""
    written = [item.text_content() for item in document.iter("script")]
    written += [str(item.get("onload", "")) for item in document.iter("body", "form")]
    if not any(_SUBMITS.search(text) for text in written):
        return None
    hidden = (form for form in forms if all(_type(item) in {"hidden", "submit"} for item in _inputs(form)))
    found = next(hidden, None)
    return _form(found, url) if found is not None else None


def _form(form: FormElement, url: str, *, username: str | None = None, password: str | None = None) -> Form:
    fields = {name: value for name, value in form.form_values() if value is not None}
    button = next((item for item in _inputs(form) if _type(item) == "submit" and item.get("name")), None)
    if button is not None:
        fields[str(button.get("name"))] = button.get("value") or ""
    return Form(
        method=form.method.upper(),
        action=form.action or url,
        fields=fields,
        encoded=form.get("enctype", "").lower() in {"", "application/x-www-form-urlencoded"},
        username=username,
        password=password,
    )


def _inputs(form: FormElement) -> Iterator[HtmlElement]:
    """Everything of a form that has a value."""
    for item in form.iter("input", "select", "textarea", "button"):
        if isinstance(item, HtmlElement):
            yield item


def _type(item: HtmlElement) -> str:
    if item.tag in {"select", "textarea"}:
        return str(item.tag)
    return str(item.get("type") or ("submit" if item.tag == "button" else "text")).lower()


def _is_for_name(item: HtmlElement) -> bool:
    hints = (item.get("autocomplete", ""), item.get("name", ""), item.get("id", ""))
    return any(_NAME_OF_USER.search(hint) for hint in hints)
