"""
Assigning: from tasks that wait and workers with room to reservations.

Two marks say what to look at, so that nothing else need be: a *fresh* task has not been judged since it
began to wait, a *stirred* worker may now take what it could not before. A task that is not fresh and a worker
that is not stirred are known not to fit. So a pass looks at the first tasks of the lines of stirred workers, and
at the free workers for fresh tasks; its cost grows with what changed and not with how many tasks wait.

One process at a time assigns in a workspace: it holds the workspace's lock.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from common import outbox
from routing import calendars, events
from routing.callbacks import owed
from routing.matching import matching
from routing.matching.matching import Offer, Verdict
from routing.matching.workflow import calendars_in
from routing.models import (
    AssignmentAttempt,
    Reservation,
    Task,
    WaitingLine,
    Worker,
    Workflow,
    Workspace,
)
from routing.services import floor, standing
from routing.services.lines import to_demand
from routing.services.log import ASSIGN, Log
from routing.services.reasons import Reasons
from routing.services.seats import Seats

BATCH = 200  # stirred workers, fresh tasks, and tasks of a line looked at in one pass
ROUNDS = 25  # passes before others get a turn
BYSTANDERS = 20  # workers looked at only to say why they were not chosen
DEFAULT_TIMEOUT = 120  # seconds to answer a reservation, where no workflow says
RETRY = timedelta(milliseconds=200)


def assign(*, workspace_id: UUID, now: datetime) -> int:
    """
    Make every reservation that can be made in a workspace now; return how many.

    Where somebody else is assigning in it already, nothing is done: they see what we would.
    """
    made = 0
    for _ in range(ROUNDS):
        with transaction.atomic():
            free = Workspace.objects.select_for_update(skip_locked=True)
            workspace = free.filter(id=workspace_id).first()
            if workspace is None:
                return made
            one = Pass(workspace, now)
            made += one.run()
        if not one.is_unfinished:
            return made
    outbox.put(outbox.Entry(ASSIGN, workspace_id, {}, due_at=now))
    return made


def drain(now: datetime) -> int:
    """Answer the bells of a workspace that is due; part of the outbox's topic ``routing.assign``."""
    with transaction.atomic():
        bells = outbox.claim(topic=ASSIGN, now=now, limit=floor.LOOK_AHEAD, lock=floor.lock_one_workspace)
        if not bells:
            return 0
        outbox.done([bell.id for bell in bells])
        workspace = Workspace.objects.filter(id=bells[0].key).first()
        if workspace is not None:
            one = Pass(workspace, now)
            one.run()
            # What is to be done is written on the tasks and workers; a bell only says that something is.
            if one.is_unfinished:
                outbox.put(outbox.Entry(ASSIGN, workspace.id, {}, due_at=now))
    return len(bells)


class Pass:
    """One look at what changed in a locked workspace, in one transaction."""

    def __init__(self, workspace: Workspace, now: datetime) -> None:
        self.workspace = workspace
        self.now = now
        self.log = Log.of(workspace, now)
        self.is_unfinished = False
        self.attempts: list[AssignmentAttempt] = []
        self.workflows: dict[UUID, Workflow] = {}
        self.taken: Counter[tuple[str, str]] = Counter()

    def run(self) -> int:
        """Make the reservations of this pass; return how many."""
        stirred = self._lock_stirred()
        fresh = self._lock_fresh()
        if not stirred and not fresh:
            return 0
        free = [worker.id for worker in stirred if worker.available]
        lines = {line.id: line for line in floor.lines_for(self.workspace, free)}
        missing = {task.line_id for task in fresh if task.line_id} - lines.keys()
        lines.update((line.id, line) for line in floor.lines_by_id(missing))
        truncated, pool = self._pool(free, fresh, lines)
        self._look_at(pool, lines)

        loaded, exhausted, open_lines = self._load_tasks(pool, lines, fresh)
        matched = matching.match(
            loaded.values(),
            [self.candidates[key] for key in (worker.hex for worker in pool) if key in self.candidates],
            prioritize=self.workspace.prioritize_queue_order,
            turns=self.workspace.channel_turns if self._takes_turns else None,
        )
        self._keep_turns(matched.turns)
        offered = self._offer(matched.offers)
        dropped = len(matched.offers) - len(offered)
        self.is_unfinished |= dropped > 0
        unserved = {UUID(task.id) for task in matched.waiting}
        for task_id in unserved:
            # Others of a solo task's line may still be served: only it is known who cannot have it.
            if not self.tasks[task_id].is_solo:
                exhausted.add(self.tasks[task_id].line_id)
                open_lines.discard(self.tasks[task_id].line_id)
        for task in fresh:
            if task.line_id in exhausted:
                unserved.add(task.id)
        unserved -= {task.id for task in fresh if task.line_id in truncated}
        self._judge(fresh, {UUID(offer.task.id) for offer in matched.offers}, unserved)
        self._settle(stirred, open_lines, lines)
        self._stir_busier(offered)
        AssignmentAttempt.objects.bulk_create(self.attempts)
        self.log.is_bell_wanted = False  # this pass is the answer; it says itself whether it is unfinished
        self.log.flush()
        return sum(len(workers) for _, workers in offered)

    @property
    def _takes_turns(self) -> bool:
        return self.workspace.channel_fairness == Workspace.Fairness.ROUND_ROBIN

    def _keep_turns(self, turns: Mapping[str, int]) -> None:
        if self._takes_turns and turns != self.workspace.channel_turns:
            Workspace.objects.filter(id=self.workspace.id).update(channel_turns=dict(turns))

    # What changed

    def _lock_stirred(self) -> list[Worker]:
        stirred = Worker.objects.filter(workspace=self.workspace, is_stirred=True)
        wanted = list(stirred.order_by("id").values_list("id", flat=True)[: BATCH + 1])
        if not wanted:
            return []
        self.is_unfinished |= len(wanted) > BATCH
        locked = Worker.objects.filter(id__in=wanted[:BATCH], is_stirred=True).order_by("id")
        found = list(locked.select_for_update(skip_locked=True))
        if len(found) < min(len(wanted), BATCH):
            self._come_back()
        return found

    def _lock_fresh(self) -> list[Task]:
        fresh, is_more, is_held = floor.fresh_tasks(self.workspace, BATCH)
        self.is_unfinished |= is_more
        if is_held:
            self._come_back()
        for task in fresh:
            self._give_workflow(task)
        return fresh

    def _come_back(self) -> None:
        # Somebody holds a row we wanted, for a moment only.
        outbox.put(outbox.Entry(ASSIGN, self.workspace.id, {}, due_at=self.now + RETRY))

    def _give_workflow(self, task: Task) -> None:
        # One object for all tasks: configurations may be large.
        if task.workflow_id is not None:
            if task.workflow_id not in self.workflows:
                self.workflows[task.workflow_id] = Workflow.objects.get(id=task.workflow_id)
            task.workflow = self.workflows[task.workflow_id]

    # Who could take it

    def _pool(
        self, free: list[UUID], fresh: list[Task], lines: dict[UUID, WaitingLine]
    ) -> tuple[set[UUID], list[UUID]]:
        """Return the lines for which not all free workers were looked at, and the workers to look at."""
        pool = dict.fromkeys(free)
        truncated: set[UUID] = set()
        groups: dict[tuple[UUID | None, UUID], list[WaitingLine]] = {}
        wanted: Counter[UUID] = Counter()
        for task in fresh:
            if task.line_id in lines:
                slots = task.queue.max_reserved_workers if task.queue else 1
                wanted[task.line_id] += slots + len(task.refusals)
        for line_id in wanted:
            line = lines[line_id]
            groups.setdefault((line.queue_id, line.channel_id), []).append(line)
            if line.only_worker_id is not None:
                pool[line.only_worker_id] = None
        for (queue_id, _), members in groups.items():
            if queue_id is None:
                continue
            picky = any(line.demand["expression"] or line.demand["order_by"] for line in members)
            by_channel = members[0].channel.channel_optimized_routing
            need = sum(wanted[line.id] for line in members)
            limit = None if picky or by_channel else max(20, 2 * need)
            found = floor.free_workers(members[0], limit)
            if limit is not None and len(found) == limit:
                truncated.update(line.id for line in members)
            pool.update(dict.fromkeys(found))
        return truncated, list(pool)

    def _look_at(self, pool: list[UUID], lines: dict[UUID, WaitingLine]) -> None:
        self.demands = {line.id: to_demand(line) for line in lines.values()}
        queues = [line.queue_id for line in lines.values() if line.queue_id]
        around = floor.bystanders(self.workspace, pool, BYSTANDERS) if lines else []
        self.candidates, self.rows = floor.candidates(
            [*pool, *around], queues, with_scope=floor.needs_scope(self.demands.values())
        )
        self.verdicts: dict[UUID, dict[str, Verdict]] = {
            line_id: {key: matching.judge(demand, each) for key, each in self.candidates.items()}
            for line_id, demand in self.demands.items()
        }
        self.reasons = Reasons(self.candidates, self.rows, self.demands, self.verdicts, self.taken, self.now)

    def _load_tasks(
        self, pool: list[UUID], lines: dict[UUID, WaitingLine], fresh: list[Task]
    ) -> tuple[dict[UUID, matching.Task], set[UUID], set[UUID]]:
        """
        Lock the first tasks of the lines for which there is room.

        Returns them, the lines in which nobody can be served, and those that may have more tasks than were loaded.
        """
        mine = {worker.hex for worker in pool}
        rows: dict[UUID, Task] = {}
        exhausted: set[UUID] = set()
        open_lines: set[UUID] = set()
        hopeful: list[WaitingLine] = []
        single: list[WaitingLine] = []
        for line in lines.values():
            demand = self.demands[line.id]
            eligible = [
                self.candidates[key]
                for key, verdict in self.verdicts[line.id].items()
                if key in mine and (verdict is Verdict.BEHIND or (demand.is_volatile and verdict is Verdict.EXPRESSION))
            ]
            if not eligible:
                exhausted.add(line.id)
                continue
            hopeful.append(line)
            room = BATCH if demand.ignore_capacity else sum(each.room(demand.channel) for each in eligible)
            limit = max(1, min(room, BATCH))
            if limit == 1 and getattr(line, "head_id", None) is not None:
                single.append(line)
                continue
            first = floor.first_in_line(line, limit)
            if len(first) == limit:
                open_lines.add(line.id)
            rows.update((task.id, task) for task in first)
        if single:
            # One statement for all of them: it is what a single worker with one place left needs.
            first = floor.heads(single)
            open_lines.update(line.id for line in single)
            rows.update((task.id, task) for task in first)
            if len(first) < len(single):
                self._come_back()
        solo = floor.solo_tasks(hopeful, BATCH) if hopeful else []
        rows.update((task.id, task) for task in solo)
        for task in fresh:
            if task.is_solo and task.line_id in self.demands:
                rows[task.id] = task
        held = floor.reserved_by([task for task in rows.values() if task.open_reservations])
        self.tasks = rows
        return (
            {key: self._as_waiting(task, held.get(key, set())) for key, task in rows.items()},
            exhausted,
            open_lines,
        )

    def _as_waiting(self, task: Task, reserved: set[str]) -> matching.Task:
        most = task.queue.max_reserved_workers if task.queue else 1
        return matching.Task(
            id=task.id.hex,
            demand=self.demands[task.line_id],
            priority=task.priority,
            started_at=task.virtual_start_at,
            order=task.queue.task_order if task.queue else "FIFO",
            slots=max(0, most - task.open_reservations),
            reserved=frozenset(reserved),
            held=frozenset(key for key, until in standing.holds(task).items() if until > self.now),
        )

    # Making the offers

    def _offer(self, offers: tuple[Offer, ...]) -> list[tuple[Task, list[str]]]:
        """Write the offers whose workers are still as they were seen; return what was made."""
        seats = Seats({UUID(worker) for offer in offers for worker in offer.workers}, wait=False)
        reservations: list[Reservation] = []
        made: list[tuple[Task, list[str]]] = []
        for offer in offers:
            task = self.tasks[UUID(offer.task.id)]
            self._give_workflow(task)
            workers = [key for key in offer.workers if self._is_as_seen(seats, key, task)]
            if not workers:
                continue
            # Explained before it is counted: the record says what was true at the decision.
            self.attempts.append(self.reasons.note(task, "reserved", offer=offer, chosen=workers))
            seconds = task.workflow.task_reservation_timeout if task.workflow else DEFAULT_TIMEOUT
            reservations.extend(self._reserve(task, key, seconds, seats) for key in workers)
            standing.mark_reserved(task, len(workers), self.now, self.log)
            made.append((task, workers))
        Reservation.objects.bulk_create(reservations)
        standing.save_reserved([task for task, _ in made])
        seats.save()
        return made

    def _is_as_seen(self, seats: Seats, key: str, task: Task) -> bool:
        worker = seats.workers.get(UUID(key))
        if worker is None or worker.version != self.rows[key].version:
            return False
        if task.ignore_capacity:
            return True
        channel = seats.channels.get((worker.id, task.channel_id))
        return channel is not None and seats.has_room(channel)

    def _reserve(self, task: Task, key: str, seconds: int, seats: Seats) -> Reservation:
        worker = seats.workers[UUID(key)]
        reservation = Reservation(
            account_id=task.account_id,
            workspace_id=task.workspace_id,
            task=task,
            worker=worker,
            queue_id=task.queue_id,
            expires_at=self.now + timedelta(seconds=seconds),
            created_at=self.now,
            updated_at=self.now,
        )
        seats.take(worker.id, task.channel_id)
        name = self.demands[task.line_id].channel
        self.taken[key, name] += 1
        self.log.wake_at(reservation.expires_at)
        self.log.add("reservation.created", task=task, reservation=reservation, worker=worker)
        self.log.owe(
            owed.assignment(task=task, reservation=reservation, worker=worker, channel_name=name, now=self.now)
        )
        self.log.announce(
            events.ReservationCreated,
            task=task,
            reservation_id=reservation.id,
            worker_id=worker.id,
            expires_at=reservation.expires_at,
        )
        return reservation

    # What could not be served

    def _judge(self, fresh: list[Task], offered: set[UUID], unserved: set[UUID]) -> None:
        """Note of fresh tasks that nobody can take them now; ask ``skip_if`` and overdue time-outs what comes next."""
        waiting: list[Task] = []
        counts: dict[UUID, Counter[str]] = {}
        for task in fresh:
            if task.id in offered:
                continue
            if task.id not in unserved:
                self.is_unfinished = True
                continue
            skipped = task.is_entering and self._is_skipped(task, counts)
            overdue = (
                task.status == Task.Status.PENDING and task.step_due_at is not None and task.step_due_at <= self.now
            )
            if not skipped and not overdue:
                waiting.append(task)
                self.attempts.append(self.reasons.note(task, "waiting"))
                continue
            self.attempts.append(self.reasons.note(task, "skipped" if skipped else "timed_out"))
            task.is_fresh = task.is_entering = False
            standing.move_on(task, self.now, self.log, skipped=skipped)
            task.updated_at = self.now
            task.version += 1
            task.save()
            self.is_unfinished |= task.is_fresh
        if waiting:
            Task.objects.filter(id__in=[task.id for task in waiting]).update(is_fresh=False, is_entering=False)

    def _is_skipped(self, task: Task, counts: dict[UUID, Counter[str]]) -> bool:
        plan, step = standing.plan_of(task.workflow), standing.step_of(task)
        target = plan.target(step) if plan is not None and step is not None else None
        if target is None or target.skip_if is None or task.queue_id is None:
            return False
        if task.queue_id not in counts:
            counts[task.queue_id] = floor.count_activities(self.workspace, task.queue_id)
        return target.skip_if.matches(
            {
                "workers": dict(counts[task.queue_id]),
                "calendar": calendars.open_calendars(task.account_id, self.now) if calendars_in(target.skip_if) else {},
            }
        )

    def _settle(self, stirred: list[Worker], open_lines: set[UUID], lines: dict[UUID, WaitingLine]) -> None:
        """Calm the stirred workers, but those for whom there may be more than this pass has loaded."""
        calm = []
        for worker in stirred:
            if worker.available and any(self._may_serve(worker, lines[line_id]) for line_id in open_lines):
                self.is_unfinished = True
            else:
                calm.append(worker.id)
        Worker.objects.filter(id__in=calm).update(is_stirred=False)

    def _stir_busier(self, offered: list[tuple[Task, list[str]]]) -> None:
        """Have another look at workers who just got more to do, where somebody waits for just such ones."""
        busier = [UUID(key) for _, workers in offered for key in workers]
        watched = floor.watched_workers(self.workspace, busier) if busier else []
        if watched:
            Worker.objects.filter(id__in=watched).update(is_stirred=True)
            self.is_unfinished = True

    def _may_serve(self, worker: Worker, line: WaitingLine) -> bool:
        """Tell whether a worker still has room for a line that may have further tasks."""
        key, demand = worker.id.hex, self.demands[line.id]
        candidate = self.candidates.get(key)
        if candidate is None:
            return False
        if demand.only_worker is not None:
            return demand.only_worker == key
        is_member = demand.queue in candidate.queues
        return is_member and self.reasons.has_room(key, demand.channel)
