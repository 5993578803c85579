"""The executor of every run: all steps in the run's own process, which leaves its name and waits in the open.

Belongs here: how steps are executed, and waiting for a slot of a pool. Does not belong here: which assets a job
selects (jobs.py), what is done about a dead run (dead_runs.py).

Dagster's in-process executor waits for a slot without a word and without a pause (its pause is never above zero), and
for a dead run's slot without end. The classes below are its own, with these two changes; they are private to Dagster,
and tests/jobs/test_executor.py holds the pinned version to them.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import dagster as dg
from dagster._core.execution.api import ExecuteRunWithPlanIterable
from dagster._core.execution.context.system import PlanExecutionContext, PlanOrchestrationContext
from dagster._core.execution.context_creation_job import PlanExecutionContextManager
from dagster._core.execution.plan.execute_plan import inner_plan_execution_iterator
from dagster._core.execution.plan.instance_concurrency_context import InstanceConcurrencyContext
from dagster._core.execution.plan.plan import ExecutionPlan
from dagster._core.execution.retries import RetryMode
from dagster._core.executor.in_process import InProcessExecutor

from jobs.dead_runs import note_process, release_dead_runs, runs_under_way
from jobs.run_history import kept_open
from resources.file_lock import FIRST_WORD_S, NEXT_WORD_S

MOST_PAUSE_S = 5.0  # between two looks at a pool: so long a freed slot may lie idle


class PatientClaims(InstanceConcurrencyContext):
    """Claims of pool slots that pause between looks, end dead holders, and say after 5 s for whom they wait."""

    def __init__(self, job_context: PlanExecutionContext) -> None:
        super().__init__(job_context.instance, job_context.dagster_run)
        self._log = job_context.log
        self._since: dict[str, float] = {}
        self._said: dict[str, float] = {}

    def claim(self, concurrency_key: str, step_key: str, step_priority: int = 0) -> bool:
        self._keep_to_the_clock()
        looks = self._pending_claim_counts[step_key]
        claimed = super().claim(concurrency_key, step_key, step_priority)
        if claimed:
            self._since.pop(step_key, None)
            self._said.pop(step_key, None)
        elif self._pending_claim_counts[step_key] > looks:
            self._look(concurrency_key, step_key)
        return claimed

    def interval_to_next_pending_claim_check(self) -> float:
        """Seconds until the next look."""
        self._keep_to_the_clock()
        return max(0.0, min(self._pending_timeouts.values(), default=0.0) - time.time())

    def _keep_to_the_clock(self) -> None:
        """No look is further ahead than a pause, also where the clock of the machine was set back: Dagster keeps
        moments, not spans.
        """
        latest = time.time() + MOST_PAUSE_S
        for step_key, moment in self._pending_timeouts.items():
            self._pending_timeouts[step_key] = min(moment, latest)

    def _look(self, pool: str, step_key: str) -> None:
        self._pending_timeouts[step_key] = min(self._pending_timeouts[step_key], time.time() + MOST_PAUSE_S)
        for released in release_dead_runs(self._instance, f"run {self._run_id[:8]}"):
            self._log.warning(released.line)
            self._pending_timeouts[step_key] = 0.0
        now = time.monotonic()
        since = self._since.setdefault(step_key, now)
        said = self._said.get(step_key)
        if now - since >= FIRST_WORD_S and (said is None or now - said >= NEXT_WORD_S):
            self._said[step_key] = now
            self._log.info(f"waiting for pool {pool} since {now - since:.0f} s: {self._holders(pool)}")

    def _holders(self, pool: str) -> str:
        info = self._instance.event_log_storage.get_concurrency_info(pool)
        holding = {slot.run_id for slot in info.claimed_slots}
        lines = []
        for one in runs_under_way(self._instance):
            if one.run.run_id in holding - {self._run_id}:
                cure = f"; if it is dead: wethink runs end {one.run.run_id[:8]}" if one.state == "unknown" else ""
                lines.append(f"{one.in_words}{cure}")
        taken = f"its {info.slot_count} slots are held by {', '.join(lines)}" if lines else "others are before this run"
        return taken.replace("its 1 slots are", "its slot is")


class OneProcessExecutor(InProcessExecutor):
    """The in-process executor, with `PatientClaims`."""

    def execute(
        self, plan_context: PlanOrchestrationContext, execution_plan: ExecutionPlan
    ) -> Iterator[dg.DagsterEvent]:
        note_process(plan_context.instance, plan_context.dagster_run)
        yield from iter(
            ExecuteRunWithPlanIterable(
                execution_plan=plan_context.execution_plan,
                iterator=_steps,
                execution_context_manager=PlanExecutionContextManager(
                    job=plan_context.job,
                    retry_mode=plan_context.retry_mode,
                    execution_plan=plan_context.execution_plan,
                    run_config=plan_context.run_config,
                    dagster_run=plan_context.dagster_run,
                    instance=plan_context.instance,
                    raise_on_error=plan_context.raise_on_error,
                    output_capture=plan_context.output_capture,
                    step_dependency_config=self.step_dependency_config,
                ),
            )
        )


def _steps(job_context: PlanExecutionContext, execution_plan: ExecutionPlan) -> Iterator[dg.DagsterEvent]:
    with kept_open(job_context.instance), PatientClaims(job_context) as claims:
        yield from inner_plan_execution_iterator(job_context, execution_plan, claims)


@dg.executor(
    name="one_process",
    config_schema={
        "retries": dg.Field(dg.Selector({"enabled": {}, "disabled": {}}), default_value={"enabled": {}}),
    },
)
def one_process_executor(context: dg.InitExecutorContext) -> dg.Executor:
    """All steps of a run in its own process, one after the other."""
    retries: Any = context.executor_config["retries"]
    return OneProcessExecutor(retries=RetryMode.from_config(retries) or RetryMode.ENABLED)
