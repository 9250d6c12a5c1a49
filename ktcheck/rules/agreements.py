"""Area *mapbaarheid*, the agreements: was everything agreed on, without contradictions, and can it be done?

The other rules judge by these answers. When they contradict each other, or ask what Koppeltaal 2.0 cannot do, whatever
was migrated goes against one of them: that is blocking. With a default that nobody agreed on it weighs less.
"""

from __future__ import annotations

from ktcheck.agreements import Option, Question, questions
from ktcheck.facts import Agreed, Context
from ktcheck.findings import Severity
from ktcheck.rules.base import Examination, Problem, rule

_SCOPE = "Afspraken"


@rule("agreements.answered", Agreed)
def answered(fact: Agreed, context: Context) -> Examination:
    """The cluster agreed on it (MIG-KT-001, OQ-01 to OQ-23): before its first domain is approved, at the latest."""
    if context.agreements.agreed(fact.key):
        return Examination(scope=_SCOPE)
    question, option = _answer(fact, context)
    words = _words(question, option) | {"decides_nl": question.decides_nl, "decides_en": question.decides_en}
    return _found(Problem(path=fact.key, words=words, severity=_unsettled(context)))


@rule("agreements.consistent", Agreed)
def consistent(fact: Agreed, context: Context) -> Examination:
    """The answers go together (MIG-KT-001): one resource cannot be made by both of two that contradict each other."""
    question, option = _answer(fact, context)
    found = []
    for other, needed in option.needs.items():
        actual = context.agreements.option(other)
        if actual not in needed:
            agreed = context.agreements.agreed(fact.key) and context.agreements.agreed(other)
            words = _words(question, option) | {"other": other, "actual": actual, "needed": ", ".join(needed)}
            severity = None if agreed else _unsettled(context)
            found.append(Problem(path=fact.key, expected=needed, actual=actual, words=words, severity=severity))
    return _found(*found)


@rule("agreements.possible", Agreed)
def possible(fact: Agreed, context: Context) -> Examination:
    """The answer can be done: the profiles allow it and nothing goes that the approval needs (MIG-KT-001, OQ-17)."""
    question, option = _answer(fact, context)
    words = _words(question, option)
    found = []
    if context.profile_version in option.not_in:
        nl = f"profielversie {context.profile_version} van Koppeltaal 2.0 laat dat niet toe"
        en = f"profile release {context.profile_version} of Koppeltaal 2.0 does not allow that"
        severity = None if context.agreements.agreed(fact.key) else _unsettled(context)
        found.append(Problem(path=fact.key, words=words | {"reason_nl": nl, "reason_en": en}, severity=severity))
    day = context.agreements.value(fact.key)
    if option.afterwards and day and fact.migrated_by and day <= fact.migrated_by:
        nl = f"{day} ligt niet na de dag waarop het domein is gelezen ({fact.migrated_by})"
        en = f"{day} is not after the day on which the domain was read ({fact.migrated_by})"
        found.append(Problem(path=fact.key, actual=day, words=words | {"reason_nl": nl, "reason_en": en}))
    return _found(*found)


def _answer(fact: Agreed, context: Context) -> tuple[Question, Option]:
    question = questions()[fact.key]
    return question, question.options[context.agreements.option(fact.key)]


def _words(question: Question, option: Option) -> dict[str, object]:
    return {
        "key": question.key,
        "option": option.name,
        "title_nl": question.title_nl,
        "title_en": question.title_en,
    }


def _unsettled(context: Context) -> Severity:
    """What nobody agreed on can still be agreed on while nothing has been migrated."""
    return Severity.MAJOR if context.migrated else Severity.ADVICE


def _found(*problems: Problem) -> Examination:
    return Examination(scope=_SCOPE, problems=problems)
