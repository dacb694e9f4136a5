"""What is known of an expression's value; calls are followed by who inherits this."""

from __future__ import annotations

import ast
import inspect
import typing
from abc import ABC, abstractmethod
from typing import Any
from uuid import UUID

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from rest_framework.request import Request

from config.openapi.reading import QUERY, Parameter, Reading, Scope, ScopeNames
from config.openapi.shapes import (
    OBJECT,
    STRING,
    UNKNOWN,
    Bound,
    Closure,
    Instance,
    Known,
    Many,
    Maybe,
    Parameters,
    Reply,
    Schema,
    Shape,
    either,
    of_field,
    of_type,
    schema_of,
)
from config.openapi.sources import evaluated, hints_of, is_ours, names_of

MOST_ROUNDS = 80


class Expressions(ABC):
    """Evaluates expressions of a method that takes its parameters from ``place``, and notes which it reads."""

    def __init__(self, place: str) -> None:
        self.reading = Reading()
        self.place = place

    @abstractmethod
    def call(self, function: Any, of: Any, positional: list[Any], named: dict[str, Any]) -> Any:
        """Follow a function of ours, and return what is known of its answer."""

    @abstractmethod
    def apply(self, what: Any, positional: list[Any], named: dict[str, Any]) -> Any:
        """Return what is known of calling a value."""

    def keep(self, name: str, place: str, schema: Schema, is_required: bool = False) -> None:
        """Note a parameter; the schema that says most of it wins."""
        known = self.reading.parameters.setdefault((place, name), Parameter(name, place, schema))
        known.is_required = known.is_required or is_required
        if len(schema) > len(known.schema):
            known.schema = schema

    def value(self, node: ast.expr, scope: Scope) -> Any:
        """Return what is known of an expression's value."""
        match node:
            case ast.Constant(value):
                return Known(value)
            case ast.Name(id):
                return scope.get(id)
            case ast.Attribute(of, name):
                return self._attribute(self.value(of, scope), name)
            case ast.Call():
                return self._called(node, scope)
            case ast.Dict(keys, values):
                return self._dict(keys, values, scope)
            case ast.Tuple(elts) | ast.List(elts):
                parts = [self.value(element, scope) for element in elts]
                if isinstance(node, ast.List) and parts:
                    each = parts[0]
                    for other in parts[1:]:
                        each = either(each, other)
                    return Many(each)
                return Known(tuple(part.value if isinstance(part, Known) else part for part in parts))
            case ast.IfExp(test, body, orelse):
                return self._choice(test, body, orelse, scope)
            case ast.BoolOp(op, values):
                return self._either_of(op, [self.value(value, scope) for value in values])
            case ast.Compare(left, ops, comparators):
                return self._compare(left, ops, comparators, scope)
            case ast.UnaryOp(ast.Not(), operand):
                found = self.value(operand, scope)
                is_told = isinstance(found, Known) and isinstance(found.value, bool)
                return Known(not found.value) if is_told else Shape({"type": "boolean"})
            case ast.JoinedStr():
                return Shape(STRING)
            case ast.ListComp(elt, generators) | ast.SetComp(elt, generators) | ast.GeneratorExp(elt, generators):
                return Many(self.value(elt, self._inside(generators, scope)))
            case ast.DictComp(key, value, generators):
                inside = self._inside(generators, scope)
                self.value(key, inside)
                return Shape({"type": "object", "additionalProperties": schema_of(self.value(value, inside))})
            case ast.Subscript(of, index):
                return self._item(self.value(of, scope), self.value(index, scope))
            case ast.NamedExpr(target, value):
                found = self.value(value, scope)
                self.bind(target, found, scope)
                return found
            case ast.Lambda():
                return Closure(node, self.around(scope))
            case ast.BinOp(left, _, right):
                one, other = self.value(left, scope), self.value(right, scope)
                same = schema_of(one).get("type") == schema_of(other).get("type")
                return Shape({"type": schema_of(one)["type"]}) if same and "type" in schema_of(one) else UNKNOWN
            case ast.Starred(value):
                return self.value(value, scope)
        return UNKNOWN

    def _inside(self, generators: list[ast.comprehension], scope: Scope) -> Scope:
        inside = Scope(dict(scope.names), scope.outer)
        for generator in generators:
            for value in self.rounds(generator.iter, inside)[:1]:
                self.bind(generator.target, value, inside)
            for condition in generator.ifs:
                self.value(condition, inside)
        return inside

    def _choice(self, test: ast.expr, body: ast.expr, orelse: ast.expr, scope: Scope) -> Any:
        decided = self.value(test, scope)
        if isinstance(decided, Known) and isinstance(decided.value, bool):
            return self.value(body if decided.value else orelse, scope)
        one, other = self.value(body, scope), self.value(orelse, scope)
        # ``row.x if row else None``: the test rules out the None inside.
        if other == Known(None) and isinstance(one, Maybe):
            return one
        return either(one, other)

    def _either_of(self, op: ast.boolop, values: list[Any]) -> Any:
        found = values[-1]
        for value in reversed(values[:-1]):
            bare = value.value if isinstance(value, Maybe) else value
            if isinstance(op, ast.And):
                # What stops an ``and`` is false or None; where it is an object, None.
                found = either(found, Known(None)) if isinstance(value, (Instance, Maybe)) else either(found, bare)
            else:
                found = either(bare, found)
        return found

    def _compare(self, left: ast.expr, ops: list[ast.cmpop], others: list[ast.expr], scope: Scope) -> Any:
        one = self.value(left, scope)
        found = [self.value(other, scope) for other in others]
        other = found[0]
        # ``"stories" in request.data``
        if isinstance(ops[0], (ast.In, ast.NotIn)) and isinstance(one, Known) and isinstance(other, Parameters):
            self.keep(str(one.value), other.place or self.place, {})
        if isinstance(one, Known) and isinstance(other, Known) and isinstance(ops[0], (ast.Eq, ast.NotEq)):
            return Known((one.value == other.value) == isinstance(ops[0], ast.Eq))
        return Shape({"type": "boolean"})

    def _called(self, node: ast.Call, scope: Scope) -> Any:
        what = self.value(node.func, scope)
        positional = [self.value(argument, scope) for argument in node.args]
        named: dict[str, Any] = {}
        for keyword in node.keywords:
            value = self.value(keyword.value, scope)
            if keyword.arg is not None:
                named[keyword.arg] = value
        if isinstance(node.func, ast.Attribute) and node.func.attr == "cast":
            return positional[-1]
        return self.apply(what, positional, named)

    def _dict(self, keys: list[ast.expr | None], values: list[ast.expr], scope: Scope) -> Any:
        properties: dict[str, Any] = {}
        for key, node in zip(keys, values, strict=True):
            value = self.value(node, scope)
            if key is None:
                properties.update(schema_of(value).get("properties", {}))
                continue
            name = self.value(key, scope)
            if isinstance(name, Known) and isinstance(name.value, str):
                properties[name.value] = schema_of(value)
        return Shape({"type": "object", "properties": properties} if properties else OBJECT)

    def _item(self, of: Any, index: Any) -> Any:
        match of, index:
            case Parameters(place), Known(str() as name):
                self.keep(name, place or self.place, {}, False)
                return UNKNOWN
            case Shape(schema), Known(str() as name):
                return Shape(schema.get("properties", {}).get(name, {}))
            case Many(each), Known(int()):
                return each
            case Known(value), Known(key):
                try:
                    found = value[key]
                except Exception:
                    return UNKNOWN
                return found if is_value(found) else Known(found)
        return UNKNOWN

    def _attribute(self, of: Any, name: str) -> Any:
        match of:
            case Maybe(value):
                return self._attribute(value, name)
            case Parameters():
                return Bound(name, of)
            case Known(value):
                found = getattr(value, name, None)
                if inspect.ismethod(found):
                    return Bound(found.__func__, Instance(type(value)))
                return UNKNOWN if found is None and not hasattr(value, name) else Known(found)
            case Instance(kind) if kind is Request:
                if name in ("query_params", "GET"):
                    return Parameters(QUERY, is_plain=True)
                return Parameters(self.place, is_plain=True) if name in ("data", "POST") else UNKNOWN
            case Instance(kind, attributes):
                return attributes[name] if name in attributes else self._of_class(kind, name, of)
        return UNKNOWN

    def _of_class(self, kind: type, name: str, of: Instance) -> Any:
        if name == "request" and hasattr(kind, "as_view"):
            return Instance(Request)
        if issubclass(kind, models.Model):
            try:
                return of_field(kind._meta.get_field(name))  # type: ignore[arg-type]
            except FieldDoesNotExist:
                if name.endswith("_id"):
                    return Instance(UUID)
            if name == "pk":
                return Instance(UUID)
        found = inspect.getattr_static(kind, name, None)
        if isinstance(found, property) and found.fget is not None:
            declared = of_type(hints_of(found.fget).get("return", typing.Any))
            is_vague = declared in (UNKNOWN, Shape(OBJECT))
            return self.call(found.fget, of, [], {}) if is_vague and is_ours(found.fget) else declared
        if isinstance(found, staticmethod):
            return Known(found.__func__)
        if inspect.isfunction(found):
            return Bound(found, of)
        if found is not None and isinstance(found, (str, int, bool, tuple, frozenset)):
            return Known(found)
        for each in kind.__mro__:
            annotations = vars(each).get("__annotations__")
            if isinstance(annotations, dict) and name in annotations:
                return _annotated(each, name)
        return UNKNOWN

    # Names

    def rounds(self, source: ast.expr, scope: Scope) -> list[Any]:
        found = self.value(source, scope)
        if isinstance(found, Known) and isinstance(found.value, (list, tuple)) and len(found.value) <= MOST_ROUNDS:
            return [value if is_value(value) else Known(value) for value in found.value]
        return [found.each if isinstance(found, Many) else UNKNOWN]

    def bind(self, target: ast.expr, value: Any, scope: Scope) -> None:
        match target:
            case ast.Name(id):
                scope.names[id] = value
            case ast.Tuple(elts) | ast.List(elts):
                parts = value.value if isinstance(value, Known) and isinstance(value.value, (tuple, list)) else ()
                for at, element in enumerate(elts):
                    part = parts[at] if at < len(parts) else value.each if isinstance(value, Many) else UNKNOWN
                    self.bind(element, part if is_value(part) else Known(part), scope)
            case ast.Subscript():
                self.value(target.value, scope)

    def around(self, scope: Scope) -> dict[str, Any]:
        outer = scope.outer if isinstance(scope.outer, ScopeNames) else {k: Known(v) for k, v in scope.outer.items()}
        return {**outer, **scope.names}


def _annotated(kind: type, name: str) -> Any:
    annotation = vars(kind)["__annotations__"][name]
    return of_type(evaluated(annotation, names_of(kind.__module__)))


def is_value(found: Any) -> bool:
    return (
        isinstance(found, (Known, Instance, Bound, Closure, Shape, Many, Maybe, Parameters, Reply)) or found == UNKNOWN
    )
