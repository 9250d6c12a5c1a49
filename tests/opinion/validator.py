"""A miniature of the HL7 validator-wrapper: the same HTTP interface, and a judgement that a test decides."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

Json = dict[str, Any]


def well(_: Json) -> list[Json]:
    """Nothing is wrong with any resource."""
    return [{"level": "INFORMATION", "type": "INFORMATIONAL", "message": "All OK"}]


@dataclass
class Validator:
    """``context`` is what this version calls its settings; ``answer`` overrules everything."""

    context: str = "validationContext"
    issues: Callable[[Json], list[Json]] = well
    member: str = "issues"
    answer: Callable[[Json], Response] | None = None
    requests: list[Json] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    base_url: str = ""

    async def validate(self, request: Request) -> Response:
        """``POST /validate``."""
        asked = orjson.loads(await request.body())
        self.requests.append(asked)
        self.headers.append(dict(request.headers))
        if self.answer:
            return self.answer(asked)
        if self.context not in asked:
            return Response("Cannot invoke getSv() because context is null", 500)
        outcomes = [
            {"fileInfo": file, self.member: self.issues(orjson.loads(file["fileContent"]))}
            for file in asked["filesToValidate"]
        ]
        content = {"outcomes": outcomes, "sessionId": asked.get("sessionId", "session-1")}
        return Response(orjson.dumps(content), media_type="application/json")


@contextmanager
def serving(validator: Validator) -> Iterator[Validator]:
    """The validator on a free port of this machine, while the block runs."""
    app = Starlette(routes=[Route("/validate", validator.validate, methods=["POST"])])
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, lifespan="off", ws="none", access_log=False))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    validator.base_url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    try:
        yield validator
    finally:
        server.should_exit = True
        thread.join()
