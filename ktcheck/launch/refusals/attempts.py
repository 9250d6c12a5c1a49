"""Tries what has to be refused, each thing between two good ones, and tells what came of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ktcheck.errors import KtcheckError
from ktcheck.launch.facts import Refusal
from ktcheck.launch.messages import Fresh
from ktcheck.launch.players import Joined
from ktcheck.launch.playing import Outside
from ktcheck.launch.recipe import Recipe, good
from ktcheck.launch.refusals.changes import LAUNCHES, TRIALS, Change, Stage, Trial
from ktcheck.launch.refusals.means import Kit, Means, MissingError, Target, Used
from ktcheck.launch.refusals.outcome import Outcome, Runner

Progress = Callable[[int, int], None]
"""Told how many of how many are done."""

_BY_HAND = "inloggen gaat met de hand, en dit vraagt zo'n tachtig keer inloggen; laat een testaccount met form inloggen"
_NOT_ABLE = "het testaccount van {account} kan zelf niet starten ({answer}), dus een weigering zegt niets"
_PATIENCE = 3
"""After so many good ones of a kind that do not work, one after the other, no more of that kind are tried."""


async def try_refusals(
    means: Means, outside: Outside, progress: Progress, trials: Mapping[str, Trial] = TRIALS
) -> tuple[Refusal, ...]:
    """Try everything that has to be refused; whatever the other side does is a fact.

    Raises:
        InputError: the password of a test account is not there.
    """
    attempts = _Attempts(means, outside)
    refusals: list[Refusal] = []
    for name, trial in trials.items():
        progress(len(refusals), len(trials))
        refusals.append(await attempts.refusal(name, trial))
    progress(len(refusals), len(trials))
    return tuple(refusals)


@dataclass(frozen=True, slots=True)
class _Basis:
    """Of what kind a good one is: trials of the same basis share the good one that lies between them."""

    target: Target
    stage: Stage
    change: Change | None


class _Attempts:
    """Good and bad ones in turn; the good one after a bad one is also the one before the next."""

    def __init__(self, means: Means, outside: Outside) -> None:
        self._means = means
        self._runner = Runner(means.own, outside)
        self._latest: tuple[_Basis, Outcome] | None = None
        self._failed: Counter[_Basis] = Counter()
        self._able: dict[str, Outcome] = {}

    async def refusal(self, name: str, trial: Trial) -> Refusal:
        """Try one thing."""
        try:
            return await self._tried(name, trial)
        except MissingError as missing:
            return Refusal(name=name, gap=str(missing))

    async def _tried(self, name: str, trial: Trial) -> Refusal:
        target = trial.user(self._means)
        if target.login == "manual" and trial.stage in LAUNCHES:
            raise MissingError(_BY_HAND)
        if trial.others:
            await self._check_able(trial.others(self._means))
        basis = _Basis(target, "token" if trial.stage in LAUNCHES else trial.stage, trial.basis)
        before = await self._before(basis)
        if not before.accepted:
            return Refusal(name=name, good_before=False, answer=before.answer)
        kit = await self._kit(trial.stage, before.used)
        outcome = await self._runner.run(trial.change(self._good(basis, kit), kit), target.login, trial.stage)
        after = await self._renewed(basis)
        return Refusal(
            name=name,
            good_after=after.accepted,
            accepted=outcome.accepted,
            answer=outcome.answer,
            gap=outcome.gap or _not_judged(trial, outcome),
        )

    async def _check_able(self, target: Target) -> None:
        """Somebody whose account or task is used beside that of another has to be able to launch it himself."""
        if target.person not in self._able:
            recipe = self._recipe(target, Fresh())
            self._able[target.person] = await self._runner.run(recipe, target.login, "token")
        outcome = self._able[target.person]
        if not outcome.accepted:
            raise MissingError(_NOT_ABLE.format(account=target.account.password_env, answer=outcome.answer))

    async def _before(self, basis: _Basis) -> Outcome:
        """The good one right before: the one after the bad one before it, if there is one and it worked."""
        if self._latest and self._latest[0] == basis:
            latest = self._latest[1]
            if latest.accepted or self._failed[basis] >= _PATIENCE:
                return latest
        return await self._renewed(basis)

    async def _renewed(self, basis: _Basis) -> Outcome:
        kit = await self._kit(basis.stage, None)
        outcome = await self._runner.run(self._good(basis, kit), basis.target.login, basis.stage)
        self._failed[basis] = 0 if outcome.accepted else self._failed[basis] + 1
        self._latest = basis, outcome
        return outcome

    def _good(self, basis: _Basis, kit: Kit) -> Recipe:
        recipe = self._recipe(basis.target, kit.fresh)
        return basis.change(recipe, kit) if basis.change else recipe

    def _recipe(self, target: Target, fresh: Fresh) -> Recipe:
        return good(self._means.own.player, target.task, target.person, target.account, fresh)

    async def _kit(self, stage: Stage, used: Used | None) -> Kit:
        """What a change needs; access tokens only where they are sent."""
        if stage in LAUNCHES:
            return Kit(means=self._means, fresh=Fresh(), used=used)
        elsewhere = self._means.elsewhere
        return Kit(
            means=self._means,
            fresh=Fresh(),
            own_token=await _access_token(self._means.own),
            token_of_elsewhere=None if isinstance(elsewhere, str) else await _access_token(elsewhere),
        )


def _not_judged(trial: Trial, outcome: Outcome) -> str | None:
    """Why a launch that ended says nothing of what is tried; None when it does."""
    if outcome.accepted:
        return None
    if outcome.login_refused and not trial.at_login:
        return f"het inloggen werd geweigerd ({outcome.answer}), dus de service kwam niet aan een oordeel toe"
    if outcome.place in trial.too_early:
        return f"het verzoek waar het om gaat is niet gedaan: de launch eindigde eerder ({outcome.answer})"
    return None


async def _access_token(joined: Joined) -> str | None:
    try:
        return (await joined.backend.token()).value
    except KtcheckError:
        return None
