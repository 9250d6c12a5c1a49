from __future__ import annotations

import pytest

from ktcheck.smart.scopes import readable

TYPES = ("Patient", "Task", "Device")

CASES: dict[str, tuple[str | None, dict[str, str] | None]] = {
    "no scope member": (None, None),
    "nothing": ("", {}),
    "all": ("system/Patient.cruds system/Task.rs", {"Patient": "all", "Task": "all"}),
    "read without search": ("system/Patient.cru", {"Patient": "all"}),
    "own": ("system/Task.rs?resource-origin=Device/a", {"Task": "narrowed"}),
    "granted": ("system/Task.ru?resource-origin=Device/a,Device/b", {"Task": "narrowed"}),
    "wider wins": ("system/Task.rs system/Task.rs?resource-origin=Device/a", {"Task": "all"}),
    "wider wins later": ("system/Task.rs?resource-origin=Device/a system/Task.rs", {"Task": "all"}),
    "wildcard": ("system/*.rs", {"Patient": "all", "Task": "all", "Device": "all"}),
    "narrowed wildcard": (
        "system/*.cruds?resource-origin=Device/a system/Device.rs",
        {"Patient": "narrowed", "Task": "narrowed", "Device": "all"},
    ),
    "SMART 1": ("system/Patient.read system/Task.* system/Device.write", {"Patient": "all", "Task": "all"}),
    "write only": ("system/Patient.cud system/Task.c", {}),
    "other types and forms": ("openid system/Basic.rs user/Task.rs system/Task.xyz launch", {}),
    "on several lines": ("system/Patient.rs\nsystem/Task.rs", {"Patient": "all", "Task": "all"}),
}


@pytest.mark.parametrize("name", CASES)
def test_what_scopes_let_us_read(name: str) -> None:
    scope, expected = CASES[name]
    assert readable(scope, TYPES) == expected
