"""The spending budget: what calls may cost, use and count; a call is made only where its worst case still fits.

Belongs here: reservations against the limits of [budget]. Does not belong here: prices (settings), sending.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from resources.calls.messages import BudgetSpentError, ModelRequest
from resources.calls.thinking import MORE_ROOM, allowance, visible_tokens
from wethink_assets.settings import BudgetSettings, EndpointSettings

# Where a request names no max_tokens, a reply is taken to use no more than this.
ASSUMED_MAX_TOKENS = 4_096
# Of one image at first; the most that was seen replaces it. Qwen2.5-VL's default is 1,280 and more, GPT-4o's 1,445.
ASSUMED_IMAGE_TOKENS = 2_048


@dataclass(slots=True)
class Spent:
    """An amount of spending: cost in the currency of the prices, prompt and completion tokens, calls."""

    cost: float = 0.0
    tokens: int = 0
    calls: int = 0

    def add(self, other: Spent, times: int = 1) -> None:
        self.cost += times * other.cost
        self.tokens += times * other.tokens
        self.calls += times * other.calls


class Estimate:
    """The most that a call may use, learnt from what its kind used. One per engine."""

    def __init__(self) -> None:
        self._image_tokens = ASSUMED_IMAGE_TOKENS

    def tokens(self, request: ModelRequest, settings: EndpointSettings) -> tuple[int, int]:
        """(prompt, visible completion) at most. A byte of text is a token at most; messages add a few each."""
        text = len(request.text.encode("utf-8", "replace")) + len((request.system or "").encode("utf-8", "replace"))
        text += sum(len(turn.encode("utf-8", "replace")) for _, turn in request.history) + 64
        limit = visible_tokens(request, settings) or ASSUMED_MAX_TOKENS
        return text + self._image_tokens * len(request.image_ids), limit

    def likely(self, request: ModelRequest, settings: EndpointSettings) -> int:
        """About how many tokens a call will use: four bytes of text per token, and half of what it may write."""
        prompt, completion = self.tokens(request, settings)
        images = self._image_tokens * len(request.image_ids)
        return (prompt - images) // 4 + images // 2 + (completion + (allowance(request, settings) or 0)) // 2

    def learn(self, request: ModelRequest, prompt_tokens: int | None) -> None:
        if request.image_ids and prompt_tokens:
            self._image_tokens = max(self._image_tokens, -(-prompt_tokens // len(request.image_ids)))

    def worst(self, request: ModelRequest, settings: EndpointSettings) -> Spent:
        """With a schema a repair may follow, which shows the first reply again: counted before the first is sent.

        A model that thinks may be cut off, asked again with more room, and then be asked for a repair with that room.
        """
        prompt, completion = self.tokens(request, settings)
        room = allowance(request, settings)
        return at_worst(prompt, completion, settings, room=room, repaired=request.schema is not None)


def at_worst(
    prompt: int, completion: int, settings: EndpointSettings, *, room: int | None, repaired: bool, calls: int = 1
) -> Spent:
    """What `calls` may come to with repairs, of so many tokens at most when each is sent once; see Estimate.worst."""
    if room is not None:
        prompt, completion = 3 * prompt + completion, 3 * completion + (1 + 2 * MORE_ROOM) * room
    elif repaired:
        prompt, completion = 2 * prompt + completion, 2 * completion
    return Spent((prompt * settings.price_in + completion * settings.price_out) / 1e6, prompt + completion, calls)


class Budget:
    """The spending limits of one engine, kept by reservations. Belongs to one event loop, except `refresh`.

    `spent` is what the ledger says of the scope and what this process paid beyond it. Runs of other processes are seen
    at every refresh only, so that together they may pass a limit by what they spend between two.
    """

    def __init__(self, settings: BudgetSettings) -> None:
        self.settings = settings
        self._recorded: dict[str, Spent] = {}
        self._own: dict[str, Spent] = {}
        self._reserved: dict[str, Spent] = {}
        self._settled: asyncio.Event | None = None

    def scope(self, run_id: str) -> str:
        """The run whose calls count, or "" for all."""
        return run_id if self.settings.per == "run" else ""

    def refresh(self, run_id: str, recorded: Mapping[str, Any], own_recorded: Spent) -> None:
        """`recorded`: cost, tokens, calls of the ledger; `own_recorded`: this engine's part of them."""
        others = Spent(float(recorded["cost"]), int(recorded["tokens"]), int(recorded["calls"]))
        others.add(own_recorded, -1)
        self._recorded[self.scope(run_id)] = Spent(max(0.0, others.cost), max(0, others.tokens), max(0, others.calls))

    def spent(self, run_id: str) -> Spent:
        """So far, without what is reserved."""
        total = Spent()
        for part in (self._recorded, self._own):
            total.add(part.get(self.scope(run_id), Spent()))
        return total

    async def reserve(self, run_id: str, worst: Spent) -> None:
        """Wait until the worst case fits beside what is under way.

        Raises:
            BudgetSpentError: nothing is under way, and it does not fit.
        """
        scope = self.scope(run_id)
        held = self._reserved.setdefault(scope, Spent())
        while short := self._short(run_id, worst):
            if held.calls <= 0:
                raise BudgetSpentError(self._line(run_id, short))
            if self._settled is None:
                self._settled = asyncio.Event()
            await self._settled.wait()
        held.add(worst)

    def try_reserve(self, run_id: str, worst: Spent) -> bool:
        """Reserve where the worst case fits now."""
        held = self._reserved.setdefault(self.scope(run_id), Spent())
        if self._short(run_id, worst):
            return False
        held.add(worst)
        return True

    def settle(self, run_id: str, worst: Spent, paid: Spent) -> None:
        """What was reserved is free again; what was paid is spent."""
        scope = self.scope(run_id)
        self._reserved.setdefault(scope, Spent()).add(worst, -1)
        self._own.setdefault(scope, Spent()).add(paid)
        settled, self._settled = self._settled, None
        if settled is not None:
            settled.set()

    def _short(self, run_id: str, worst: Spent) -> str:
        """Which limit does not leave room, or ""."""
        total = self.spent(run_id)
        total.add(self._reserved.get(self.scope(run_id), Spent()))
        total.add(worst)
        for name in ("calls", "tokens", "cost"):
            limit = getattr(self.settings, name)
            if limit and getattr(total, name) > limit:
                return name
        return ""

    def _line(self, run_id: str, name: str) -> str:
        limit, spent = getattr(self.settings, name), getattr(self.spent(run_id), name)
        of = "this run" if self.settings.per == "run" else "all runs"
        return (
            f"the budget of {of} is spent: {name} {spent:g} of {limit:g}, and one more call might pass it. What was "
            f"done is kept; raise [budget].{name} in the file that WETHINK_CONFIG names, and run it again"
        )
