"""``/Instances/{GO}/InteractionWebhooks`` (reference/interactions.md, 7)."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from common import clock
from common.api import CompatView
from common.api.paging import page
from common.api.parsers import Params
from common.errors import NotFound
from interactions import services
from interactions.api.writing import write_webhook
from interactions.models import InteractionWebhook


class WebhooksView(CompatView):
    """The account's one instance; any other is unknown."""

    def check(self, instance: str) -> None:
        if self.key("GO", instance) != self.account_id:
            raise NotFound(f"instance {instance}")

    def find(self, instance: str, ttid: str) -> InteractionWebhook:
        self.check(instance)
        row = InteractionWebhook.objects.filter(account_id=self.account_id, ttid=ttid).first()
        if row is None:
            raise NotFound(f"interaction webhook {ttid}")
        return row

    def save(self, params: Params, row: InteractionWebhook | None) -> InteractionWebhook:
        return services.save_webhook(
            account_id=self.account_id,
            row=row,
            url=params.text("WebhookUrl"),
            method=params.text("WebhookMethod"),
            events=params.texts("WebhookEvents"),
            type=params.text("Type"),
            friendly_name=params.text("FriendlyName", max_length=256),
            now=clock.now(),
        )


class WebhookListView(WebhooksView):
    def get(self, request: Request, instance: str) -> Response:
        self.check(instance)
        rows = InteractionWebhook.objects.filter(account_id=self.account_id)
        wanted = self.params(request).text("type", choices=("", *InteractionWebhook.Type.values))
        if wanted:
            rows = rows.filter(type=wanted)
        return page(request, rows, key="data", write=write_webhook, order="id")

    def post(self, request: Request, instance: str) -> Response:
        self.check(instance)
        return Response(write_webhook(self.save(self.params(request), None)), status=201)


class WebhookView(WebhooksView):
    def get(self, request: Request, instance: str, ttid: str) -> Response:
        return Response(write_webhook(self.find(instance, ttid)))

    def post(self, request: Request, instance: str, ttid: str) -> Response:
        return Response(write_webhook(self.save(self.params(request), self.find(instance, ttid))))

    def delete(self, request: Request, instance: str, ttid: str) -> Response:
        self.find(instance, ttid).delete()
        return Response(status=204)
