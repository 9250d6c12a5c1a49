"""Area *profielen*: does another validator say the same of a resource as ktcheck does?

Asked only with ``--second-opinion``. A difference is told, with who said what, and changes nothing of what the rules of
``conformance`` found: it is for people to find out who is right.
"""

from __future__ import annotations

from collections.abc import Mapping

from ktcheck.facts import Context, Opinion
from ktcheck.rules.base import Examination, Problem, rule

_VALID = {"nl": "voldoet zij aan het profiel", "en": "it meets the profile"}
_INVALID = {"nl": "voldoet zij niet", "en": "it does not"}
_OWN = {"nl": "de voorziening zelf", "en": "the service itself"}


@rule("opinion.agrees", Opinion)
def agrees(opinion: Opinion, _: Context) -> Examination:
    """Who judges independently comes to the same judgement (issue 4, part 5)."""
    found: tuple[Problem, ...] = ()
    if opinion.ours != opinion.theirs:
        words = {"type": opinion.type, **_words(opinion, "nl"), **_words(opinion, "en")}
        found = (Problem(resource=opinion.resource, path=opinion.path, actual=list(opinion.said) or None, words=words),)
    return Examination(scope=opinion.type, problems=found)


def _words(opinion: Opinion, language: str) -> Mapping[str, str]:
    """Who said what in a language; where the one that finds something wrong finds it, and what."""
    what = {"nl": opinion.what_nl, "en": opinion.what_en}[language] or opinion.code
    places = " ".join(part for part in (opinion.element, what) if part)
    invalid = _INVALID[language] + (f" ({places})" if places else "")
    return {
        f"service_{language}": opinion.service or _OWN[language],
        f"ours_{language}": _VALID[language] if opinion.ours else invalid,
        f"theirs_{language}": _VALID[language] if opinion.theirs else invalid,
    }
