"""The process in which math-verify runs, so that it can be killed. Started by math_pool.py, by path.

Belongs here: one loop over standard input. Does not belong here: anything the parent could do, since an input that
never ends takes this process with it. One JSON object a line in ({gold, reply, limit, wall}: seconds of CPU time and
of the clock), one out ({equal} or {problem}). Only the LaTeX reader is used: the other one of math-verify ends in
Python's `eval`.
"""

import json
import resource
import signal
import sys
import time
from typing import Any

MEMORY_BYTES = 2 * 1024**3


def near_everywhere(gold: object, reply: object) -> bool:
    """Whether two expressions have the same values, to nine digits of each, at points that no rounding hides.

    math-verify rounds to absolute decimals, so that 1/2^98 and 1/2^99 are equal for it. Only ever makes a
    comparison stricter: what has no value at a point (a set, an equation) is left to math-verify.
    """
    from sympy import Expr, Rational

    if not isinstance(gold, Expr) or not isinstance(reply, Expr):
        return True
    names = sorted(gold.free_symbols | reply.free_symbols, key=str)
    for shift in (0, 1):
        point: dict[Any, Any] = {name: Rational(13 + 7 * i + 5 * shift, 11 + 3 * shift) for i, name in enumerate(names)}
        a, b = (side.subs(point).evalf(30) for side in (gold, reply))
        if not (a.is_number and b.is_number and a.is_finite and b.is_finite):
            continue
        if abs(a - b) > max(abs(a), abs(b)) * Rational(1, 10**9):
            return False
    return True


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # The default action of these timers ends the process even in the middle of one long C call, so it
    # cannot outlive a parent that was killed before it could kill us. One counts CPU time, one the clock.
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    import logging

    logging.disable(logging.CRITICAL)
    from math_verify import LatexExtractionConfig, parse, verify

    reading: dict[str, Any] = {
        "extraction_config": [LatexExtractionConfig()],
        "parsing_timeout": None,
        "raise_on_error": False,
    }
    # The first call builds the LaTeX grammar's tables: not on the clock of a real check.
    verify(parse("\\boxed{x+1}", **reading), parse("\\boxed{1+x}", **reading), timeout_seconds=None)
    out = sys.stdout
    print("READY", file=out, flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        started = time.process_time()
        signal.setitimer(signal.ITIMER_PROF, request["limit"])
        signal.setitimer(signal.ITIMER_REAL, request["wall"] + 1.0)
        try:
            gold = parse("\\boxed{" + request["gold"] + "}", **reading)
            reply = parse("\\boxed{" + request["reply"] + "}", **reading)
            # A gold that reads as text only would make any two texts comparable: both must be mathematics.
            if not gold or isinstance(gold[0], str):
                answer = {"problem": "gold"}
            elif not reply or isinstance(reply[0], str):
                answer = {"problem": "reply"}
            else:
                equal = verify(
                    gold,
                    reply,
                    float_rounding=12,
                    numeric_precision=20,
                    strict=True,
                    allow_set_relation_comp=False,
                    timeout_seconds=None,
                    raise_on_error=True,
                )
                answer = {"equal": bool(equal) and near_everywhere(gold[0], reply[0])}
        except MemoryError:
            answer = {"problem": "memory"}
        except Exception as error:  # noqa: BLE001 - the parent is told what it was
            answer = {"problem": f"{type(error).__name__}"}
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
            signal.setitimer(signal.ITIMER_REAL, 0)
        print(json.dumps({**answer, "spent": time.process_time() - started}), file=out, flush=True)


if __name__ == "__main__":
    main()
