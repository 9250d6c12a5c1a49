"""The suite as portal beside modules that do not as they should: a step and a reason, never an exception."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlencode

import pytest

from ktcheck.launch import portal
from ktcheck.launch.facts import AuthorizeRequest, Callback, Page
from ktcheck.launch.messages import Fresh
from ktcheck.launch.portal import Launched, Portal
from ktcheck.launch.steps import Recorder
from tests.launch.served import Served, serve
from tests.launch.site import Answer, Asked, Site, sent_on, site


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serve(tmp_path_factory.mktemp("served")) as found:
        yield found


@pytest.fixture
def module() -> Iterator[Site]:
    with site(lambda _: Answer()) as running:
        yield running


def launched(served: Served, module: Site) -> tuple[Launched, Recorder]:
    planned = served.planned()
    planned = replace(planned, address=f"{module.url}/launch", attempt=replace(planned.attempt, plays="portal"))
    player, recorder = served.joined().player, Recorder()
    own = Portal(signer=player.signer, base=served.base, authorization_endpoint=player.endpoints.authorization)

    async def done() -> Launched:
        async with served.outside.browser("form", "t-1", served.base) as agent:
            return await portal.launch(own, planned, agent, recorder, Fresh(), served.secrets.append)

    return asyncio.run(done()), recorder


def authorize(served: Served, asked: Asked, module: Site, **changes: str | None) -> Answer:
    """What a module sends on to, with the launch that it got; None takes a parameter out."""
    parameters = {
        "response_type": "code",
        "client_id": served.client.client_id,
        "redirect_uri": f"{module.url}/callback",
        "launch": asked.fields.get("launch"),
        "scope": "launch openid fhirUser",
        "state": "s-1",
        "aud": served.base,
        **changes,
    }
    endpoint = served.joined().player.endpoints.authorization
    return sent_on(f"{endpoint}?{urlencode({name: value for name, value in parameters.items() if value is not None})}")


@pytest.mark.parametrize(
    ("answer", "broken"),
    [
        (Answer(500, "mis"), "launch"),
        (Answer(404), "launch"),
        (Answer(0), "launch"),
        (sent_on("/launch"), "launch"),
        (sent_on("http://module.zorgvoorbeeld.example/"), "launch"),
        (sent_on("javascript:1"), "launch"),
        (Answer(200, "<form method=post><input name=username><input type=password name=p></form>"), "launch"),
        (Answer(200, "klaar"), None),
        (Answer(200, "{}", (("Content-Type", "application/json"),)), None),
    ],
)
def test_a_module_that_does_not_go_to_the_login(
    answer: Answer, broken: str | None, served: Served, module: Site
) -> None:
    module.answer = lambda _: answer
    found, recorder = launched(served, module)
    assert (recorder.broken.step if recorder.broken else None) == broken
    assert module.asked[0].method == "POST"
    assert set(module.asked[0].fields) == {"launch", "iss"}
    assert not [fact for fact in found.facts if isinstance(fact, AuthorizeRequest | Callback)]
    pages = [fact for fact in found.facts if isinstance(fact, Page)]
    assert all(not page.logged_in for page in pages)
    assert bool(pages) == (broken is None or answer.status in {404, 500})
    if recorder.broken:
        assert recorder.broken.reason_nl
        assert recorder.broken.reason_en
        assert [step.ok for step in recorder.steps if step.name == "launch"] == [False]


@pytest.mark.parametrize(
    "changes", [{"client_id": "niemand"}, {"redirect_uri": "https://elders.example/"}, {"redirect_uri": None}]
)
def test_an_authorize_request_that_is_refused(changes: dict[str, str | None], served: Served, module: Site) -> None:
    module.answer = lambda asked: authorize(served, asked, module, **changes)
    found, recorder = launched(served, module)
    assert recorder.broken
    assert recorder.broken.step == "authorize"
    (request,) = (fact for fact in found.facts if isinstance(fact, AuthorizeRequest))
    assert request.parameters["state"] is None
    assert request.launch_is_given
    assert not [fact for fact in found.facts if isinstance(fact, Page)]


def test_a_module_that_the_service_sends_an_error_to(served: Served, module: Site) -> None:
    clients = served.service.tenants["zorgvoorbeeld"].registry.clients
    own = clients[served.client.client_id]
    clients[own.client_id] = replace(own, redirect_uris=(*own.redirect_uris, f"{module.url}/callback"))
    module.answer = lambda asked: authorize(served, asked, module, aud="https://elders.example")
    found, recorder = launched(served, module)
    assert recorder.broken
    assert recorder.broken.step == "callback"
    (callback,) = (fact for fact in found.facts if isinstance(fact, Callback))
    assert (callback.code, callback.address_kept, callback.state_kept) == (False, True, True)
    assert callback.error
    assert callback.error in recorder.broken.reason_nl


def test_what_may_not_be_in_an_address_is_told(served: Served, module: Site) -> None:
    def answer(asked: Asked) -> Answer:
        if asked.path == "/launch":
            return sent_on(f"/next?{urlencode({'gegeven': asked.fields['launch']})}#id_token=x&access_token=y")
        return Answer(200, "klaar")

    module.answer = answer
    found, _ = launched(served, module)
    (page,) = (fact for fact in found.facts if isinstance(fact, Page))
    assert page.secrets == ("launch", "id_token", "access_token")
    assert not any(secret in repr(found) for secret in served.secrets)
