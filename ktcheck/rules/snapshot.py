"""Area *volledigheid*, the snapshot itself: is it all there is, and of one moment?"""

from __future__ import annotations

from ktcheck.facts import Context, TypeCount
from ktcheck.rules.base import Examination, Problem, rule

_RIGHTS = {
    "narrowed": ("beperkt tot bepaalde bronapplicaties", "narrowed to certain source applications"),
    "none": ("geen leesrecht", "no read permission"),
    "unknown": ("niet bekend wat mag worden gelezen", "not known what may be read"),
}

_CHANGED = {
    True: ("veranderde", "changed"),
    None: ("kan zijn veranderd (de momentopname zegt het niet)", "may have changed (the snapshot does not say)"),
}


@rule("snapshot.rights", TypeCount)
def rights(count: TypeCount, context: Context) -> Examination | None:
    """The suite's token reads every resource of the type (TOP-KT-005: search results are narrowed without a word).

    In a self-check what the application itself is the source of is enough.
    """
    if not count.supported:
        return None
    found: tuple[Problem, ...] = ()
    if count.rights != "all" and count.type not in context.own_types:
        nl, en = _RIGHTS[count.rights]
        words = {"type": count.type, "rights_nl": nl, "rights_en": en}
        found = (Problem(path=count.type, actual=count.rights, words=words),)
    return Examination(scope=count.type, problems=found)


@rule("snapshot.counted", TypeCount)
def counted(count: TypeCount, _: Context) -> Examination | None:
    """As many distinct resources were fetched as the server says it has (BIA-12: paging loses nothing)."""
    if not count.supported or count.rights == "none":
        return None
    found: tuple[Problem, ...] = ()
    if count.total != count.distinct:
        total: int | str = "?" if count.total is None else count.total
        words = {"type": count.type, "distinct": count.distinct, "total": total}
        found = (Problem(path=count.type, expected=count.total, actual=count.distinct, words=words),)
    return Examination(scope=count.type, problems=found)


@rule("snapshot.unchanged", TypeCount)
def unchanged(count: TypeCount, _: Context) -> Examination | None:
    """The type did not change between the first and the last request (MIG-KT-001: complete at one moment)."""
    if not count.supported or count.rights == "none":
        return None
    found: tuple[Problem, ...] = ()
    if count.changed is not False:
        nl, en = _CHANGED[count.changed]
        words = {"type": count.type, "changed_nl": nl, "changed_en": en}
        found = (Problem(path=count.type, actual=count.changed, words=words),)
    return Examination(scope=count.type, problems=found)
