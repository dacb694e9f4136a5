"""Writes of interactions; import them from here."""

from interactions.services.channels import (
    HANDED_BACK_REASON,
    close_channel,
    end_conversation,
    hand_back,
    leave_channel,
    leave_conversation,
)
from interactions.services.create import create_interaction, create_invite, start_interaction
from interactions.services.deleted import end_deleted
from interactions.services.desk import (
    ANSWERS,
    accept_by_itself,
    answer_reservation,
    end_wrap_up,
    withdraw_declined,
)
from interactions.services.outbound import begin_contact
from interactions.services.outcomes import record_outcome
from interactions.services.parking import PARKED, close_parked, park, park_channel, wake
from interactions.services.policies import accepts_itself, delete_policy, rules_of, save_policy
from interactions.services.progress import TaskNews, follow_tasks
from interactions.services.requests import RoutingRequest
from interactions.services.takeover import (
    end_task_by_hand,
    note_supervisor,
    note_supervisor_left,
    requeue,
    take_over,
)
from interactions.services.transfer_states import DECLINED, UNANSWERED, answers_itself, name_of_worker, names_of_workers
from interactions.services.transfers import cancel_transfer, start_transfer
from interactions.services.webhooks import save_webhook, tell_failure, tell_participant
from interactions.services.wrapup import Notes, extend, save_notes

__all__ = (
    "ANSWERS",
    "DECLINED",
    "HANDED_BACK_REASON",
    "PARKED",
    "UNANSWERED",
    "Notes",
    "RoutingRequest",
    "TaskNews",
    "accept_by_itself",
    "accepts_itself",
    "answer_reservation",
    "answers_itself",
    "begin_contact",
    "cancel_transfer",
    "close_channel",
    "close_parked",
    "create_interaction",
    "create_invite",
    "delete_policy",
    "end_conversation",
    "end_deleted",
    "end_task_by_hand",
    "end_wrap_up",
    "extend",
    "follow_tasks",
    "hand_back",
    "leave_channel",
    "leave_conversation",
    "name_of_worker",
    "names_of_workers",
    "note_supervisor",
    "note_supervisor_left",
    "park",
    "park_channel",
    "record_outcome",
    "requeue",
    "rules_of",
    "save_notes",
    "save_policy",
    "save_webhook",
    "start_interaction",
    "start_transfer",
    "take_over",
    "tell_failure",
    "tell_participant",
    "wake",
    "withdraw_declined",
)
