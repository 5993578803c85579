"""Code version of the reward: a digest of everything that decides what a completion earns.

Belongs here: what counts into it. Pure. Does not belong here: hashing code (code_digest.py), a policy's id (training/).
"""

from __future__ import annotations

from wethink_assets.accounting import content_id
from wethink_assets.code_digest import modules_digest, room_digest
from wethink_assets.code_versions import ASKING, code_version
from wethink_assets.prompt_files import prompt
from wethink_assets.rewards.calibration import set_version
from wethink_assets.rewards.terms import registered, terms_digest

# How judges are measured decides whether one is used, never what it says.
_NO_RULE = ("calibration", "gates.py")


def judge_digest() -> str:
    """Code version of a judge's measurement: its requests and replies, how it is asked, its prompt, the pairs and the
    measure.
    """
    code = modules_digest("rewards/judge", "rewards/judge_retries", "rewards/calibration")
    return content_id(code, code_version(ASKING), prompt("rewards", "judge").version, set_version())[:16]


def rewards_digest(*, judged: bool = True) -> str:
    """Code version of the reward: the rewards room, the registered reward terms, the judge's prompt where one scores.

    Whoever changes a rule, the judge's prompt or a term has another digest, and comments and layout do not count.
    """
    rubric = prompt("rewards", "judge").version if judged else None
    return content_id(room_digest("rewards", without=_NO_RULE), rubric, terms_digest(registered()))[:16]
