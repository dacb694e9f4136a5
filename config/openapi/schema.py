"""A view's method as an operation of the document: drf-spectacular's hook, fed by the reader."""

from __future__ import annotations

import re
from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent
from rest_framework.parsers import FormParser, JSONParser, MultiPartParser

from common.api import AppView, CompatView
from config.openapi.reader import read
from config.openapi.reading import BODY, Parameter, Reading
from config.openapi.refusals import refusals
from config.openapi.shapes import Schema

WORDS = {
    200: "Done",
    201: "Made",
    202: "Taken in",
    204: "Done; there is nothing to tell",
    302: "It is to be had there",
    304: "Not changed",
    400: "A parameter is missing or malformed, or the request cannot be carried out",
    401: "Missing or wrong credentials",
    403: "The caller may not do this",
    404: "There is no such thing in this account",
    405: "Method not allowed",
    408: "The body came too slowly",
    409: "Somebody else was faster, or the name or address is taken",
    412: "If-Match names another version",
    413: "The body is too large",
    415: "The body's type is not one that is read here",
    429: "Too many requests",
    502: "The other side did not answer as it should",
    503: "Too much is waiting; come back later",
}
ERROR: Schema = {
    "type": "object",
    "required": ["code", "message", "more_info", "status"],
    "properties": {
        "code": {"type": "integer"},
        "message": {"type": "string"},
        "more_info": {"type": "string"},
        "status": {"type": "integer"},
        "details": {},
    },
}
_SID = re.compile(r"[a-z_]*sid")


class OperationSchema(AutoSchema):  # type: ignore[misc]
    """Describes one method of a view of ours."""

    def get_operation(
        self, path: str, path_regex: str, path_prefix: str, method: str, registry: Any
    ) -> dict[str, Any] | None:
        found = read(self.view, method)
        registry.register_on_missing(ResolvedComponent("Error", ResolvedComponent.SCHEMA, ERROR, object="Error"))
        self.path, self.method = path, method
        operation: dict[str, Any] = {"operationId": _operation_id(path, method), "tags": [_tag(path)]}
        described = self._description()
        if described:
            operation["description"] = described
        operation["parameters"] = self._parameters(found)
        body = self._body(found)
        if body:
            operation["requestBody"] = body
        operation["security"] = self._security()
        operation["responses"] = self._responses(found, has_body=bool(body))
        return operation

    @property
    def _is_form(self) -> bool:
        return any(issubclass(parser, FormParser) for parser in self.view.parser_classes)

    def _description(self) -> str:
        text = getattr(self.view, self.method.lower()).__doc__ or type(self.view).__doc__ or ""
        return " ".join(text.split())

    def _security(self) -> list[dict[str, list[str]]]:
        if isinstance(self.view, AppView):
            is_open = not self.view.permission_classes
            return [{}] if is_open else [{"session": []}]
        return [{"basic": []}] if isinstance(self.view, CompatView) else [{}]

    def _parameters(self, found: Reading) -> list[dict[str, Any]]:
        written = [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
            for name in re.findall(r"\{(\w+)\}", self.path)
        ]
        for parameter in found.parameters.values():
            if parameter.place != BODY:
                written.append(
                    {
                        "name": parameter.name,
                        "in": "query",
                        "required": parameter.is_required,
                        "schema": _as_form(parameter),
                    }
                )
        return written

    def _body(self, found: Reading) -> dict[str, Any] | None:
        parameters = [parameter for parameter in found.parameters.values() if parameter.place == BODY]
        if self.method == "DELETE" and not parameters:
            return None
        if self.method not in ("POST", "PUT", "PATCH", "DELETE"):
            return None
        write = _as_form if self._is_form else lambda parameter: parameter.schema
        schema: Schema = {"type": "object", "properties": {each.name: write(each) for each in parameters}}
        required = [each.name for each in parameters if each.is_required]
        if required:
            schema["required"] = required
        types = [parser.media_type for parser in self.view.parser_classes if not issubclass(parser, MultiPartParser)]
        if not any(issubclass(parser, (FormParser, JSONParser)) for parser in self.view.parser_classes):
            types = ["application/json"]
        content = {kind: {"schema": schema} for kind in dict.fromkeys(types)}
        return {"content": content, "required": bool(required)}

    def _responses(self, found: Reading, *, has_body: bool) -> dict[str, Any]:
        answers: dict[int, dict[str, Any]] = {}
        for reply in found.replies:
            described: dict[str, Any] = {"description": WORDS.get(reply.status, "Answered")}
            if reply.body is not None:
                schemas = [reply.body]
                known = answers.get(reply.status, {}).get("content", {}).get(reply.content_type, {}).get("schema")
                if known is not None and known != reply.body:
                    schemas = [*known.get("anyOf", [known]), reply.body]
                schema = schemas[0] if len(schemas) == 1 else {"anyOf": schemas}
                content = answers.get(reply.status, {}).get("content", {})
                described["content"] = {**content, reply.content_type: {"schema": schema}}
            answers[reply.status] = described
        if not answers:
            answers[200] = {"description": WORDS[200]}
        for status in self._refusals(found, has_body=has_body):
            error = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
            answers.setdefault(status, {"description": WORDS.get(status, "Refused"), "content": error})
        return {str(status): answers[status] for status in sorted(answers)}

    def _refusals(self, found: Reading, *, has_body: bool) -> set[int]:
        view = type(self.view)
        statuses = set(refusals(getattr(view, self.method.lower()), view))
        if hasattr(view, "initial"):
            statuses |= refusals(view.initial, view)
        statuses.add(400)
        if isinstance(self.view, CompatView):
            statuses.add(401)
        if isinstance(self.view, AppView):
            statuses |= {401, 403}
        if "{" in self.path:
            statuses.add(404)
        if has_body:
            statuses |= {413, 415}
        return statuses


def _as_form(parameter: Parameter) -> Schema:
    """Return the schema of a parameter in a form or a query, where every value is a text."""
    schema = parameter.schema
    if schema.get("type") == "object" or not schema:
        return {"type": "string", "description": "JSON"} if schema else {"type": "string"}
    return schema


def _operation_id(path: str, method: str) -> str:
    words = [word for word in re.split(r"[^A-Za-z0-9]+", re.sub(r"\{(\w+)\}", r"by_\1", path)) if word]
    return "_".join([method.lower(), *words])


def _tag(path: str) -> str:
    parts = [part for part in path.split("/") if part]
    head = parts[1] if parts[0] in ("api", "app") and len(parts) > 1 else parts[0]
    names = {"2010-04-01": "messages", "v1": f"app {parts[2] if len(parts) > 2 else ''}".strip()}
    return names.get(head, head)
