"""
Reads what a view's method takes and answers by following its code, without running it.

Each expression is evaluated to what is known of its value (``shapes``). Calls into this code base are followed where
they may read parameters or write JSON; everything else is known by its annotations. What cannot be told is any value,
never a guess.
"""

from __future__ import annotations

import ast
import inspect
import typing
from collections.abc import Iterable
from functools import partial
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from common.api.parsers import Params
from config.openapi.calls import KNOWN_CALLS, parameter_of, plain_answer
from config.openapi.expressions import Expressions
from config.openapi.reading import BODY, QUERY, Reading, Scope, ScopeNames
from config.openapi.shapes import (
    OBJECT,
    UNKNOWN,
    Bound,
    Closure,
    Instance,
    Known,
    Many,
    Maybe,
    Parameters,
    Reply,
    Shape,
    either,
    of_type,
)
from config.openapi.sources import hints_of, is_ours, names_of, tree_of

MOST_DEEP = 14


def read(view: Any, method: str) -> Reading:
    """Return what a view (an instance) takes and answers for an HTTP method."""
    reader = Reader(has_body=method != "GET")
    function = getattr(type(view), method.lower())
    attributes = {name: Known(value) for name, value in vars(view).items() if isinstance(value, (str, bool, int))}
    answered = reader.call(function, Instance(type(view), attributes), [Instance(Request)], {})
    reader.keep_reply(answered)
    return reader.reading


class Reader(Expressions):
    """One run over one method."""

    def __init__(self, *, has_body: bool) -> None:
        super().__init__(BODY if has_body else QUERY)
        self._depth = 0
        self._under_way: set[Any] = set()

    def keep_reply(self, value: Any) -> None:
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, Reply) and each not in self.reading.replies:
                self.reading.replies.append(each)

    # Calls

    def call(self, function: Any, of: Any, positional: list[Any], named: dict[str, Any]) -> Any:
        """Follow a function of ours, and return what is known of its answer."""
        function = inspect.unwrap(function)
        tree = tree_of(function)
        key = (function, repr(of)[:200], repr(positional)[:400], repr(named)[:400])
        if tree is None or key in self._under_way or self._depth >= MOST_DEEP:
            return of_type(hints_of(function).get("return", typing.Any))
        self._under_way.add(key)
        self._depth += 1
        try:
            scope = Scope(self._arguments(tree, function, of, positional, named), names_of(function.__module__))
            self._run(tree.body, scope)
        finally:
            self._depth -= 1
            self._under_way.discard(key)
        return self._answer(scope, hints_of(function).get("return", typing.Any))

    def _answer(self, scope: Scope, annotation: Any) -> Any:
        replies = [value for value in scope.returned if isinstance(value, Reply)]
        if replies:
            for reply in replies:
                self.keep_reply(reply)
            return replies[-1]
        if not scope.returned:
            return UNKNOWN if annotation is None else of_type(annotation)
        found = scope.returned[0]
        for other in scope.returned[1:]:
            found = either(found, other)
        declared = of_type(annotation)
        return declared if found == UNKNOWN or (isinstance(found, Instance) and declared != UNKNOWN) else found

    def _arguments(
        self, tree: ast.FunctionDef | ast.Lambda, function: Any, of: Any, positional: list[Any], named: dict[str, Any]
    ) -> dict[str, Any]:
        hints = hints_of(function) if function is not None else {}
        wanted = [*tree.args.posonlyargs, *tree.args.args]
        given = [of, *positional] if of is not None else list(positional)
        values = {}
        for argument, value in zip(wanted, given, strict=False):
            values[argument.arg] = value
        values.update({name: value for name, value in named.items() if name is not None})
        defaults = dict(
            zip([argument.arg for argument in reversed(wanted)], reversed(tree.args.defaults), strict=False)
        )
        for argument, default in zip(tree.args.kwonlyargs, tree.args.kw_defaults, strict=True):
            if default is not None:
                defaults[argument.arg] = default
        for argument in (*wanted, *tree.args.kwonlyargs):
            hint = hints.get(argument.arg, typing.Any)
            if argument.arg not in values:
                declared = of_type(hint)
                default = defaults.get(argument.arg)
                values[argument.arg] = (
                    Known(default.value) if isinstance(default, ast.Constant) and declared == UNKNOWN else declared
                )
            elif values[argument.arg] == UNKNOWN:
                values[argument.arg] = of_type(hint)
        for rest in (tree.args.vararg, tree.args.kwarg):
            if rest is not None:
                values.setdefault(rest.arg, UNKNOWN)
        return values

    def apply(self, what: Any, positional: list[Any], named: dict[str, Any]) -> Any:
        """Return what is known of calling a value."""
        match what:
            case Closure(node, names):
                arguments = self._arguments(node, None, None, positional, named)
                scope = Scope(arguments, ScopeNames(names))
                if isinstance(node, ast.Lambda):
                    return self.value(node.body, scope)
                self._run(node.body, scope)
                return self._answer(scope, typing.Any)
            case Bound(function, Parameters() as parameters):
                return self._read_parameter(function, parameters, positional, named)
            case Bound(function, of) if inspect.isfunction(function) and is_ours(function):
                if function.__name__ == "params" and function.__module__.startswith("common.api"):
                    return Parameters(self.place)
                return self._follow(function, of, positional, named)
            case Known(function) if inspect.isfunction(function) or function in KNOWN_CALLS:
                special = KNOWN_CALLS.get(function)
                if special is not None:
                    return special(self, positional, named)
                return self._follow(function, None, positional, named) if is_ours(function) else UNKNOWN
            case Known(kind) if isinstance(kind, type):
                return self._make(kind, positional, named)
            case Known(kind) if isinstance(kind, partial):
                return self.apply(Known(kind.func), [*map(Known, kind.args), *positional], named)
        return UNKNOWN

    def _follow(self, function: Any, of: Any, positional: list[Any], named: dict[str, Any]) -> Any:
        annotation = hints_of(inspect.unwrap(function)).get("return", typing.Any)
        declared = of_type(annotation)
        reads = any(isinstance(value, Parameters) for value in (*positional, *named.values()))
        asks = any(isinstance(value, Instance) and value.of is Request for value in (*positional, *named.values()))
        # JSON is a dict or a list of them; what is more exactly declared needs no second look.
        vague = declared in (UNKNOWN, Shape(OBJECT), Many(Shape(OBJECT)), Many(UNKNOWN), Maybe(Shape(OBJECT)))
        answers = isinstance(declared, Instance) and issubclass(declared.of, Response)
        if reads or asks or vague or answers:
            return self.call(function, of, positional, named)
        return declared

    def _make(self, kind: type, positional: list[Any], named: dict[str, Any]) -> Any:
        special = KNOWN_CALLS.get(kind)
        if special is not None:
            return special(self, positional, named)
        from django.http import HttpResponseBase

        if issubclass(kind, HttpResponseBase):
            return plain_answer(kind, positional, named)
        if kind is Params:
            source = positional[0] if positional else UNKNOWN
            return Parameters(source.place) if isinstance(source, Parameters) else Instance(Params)
        return Instance(kind)

    def _read_parameter(self, name: str, of: Parameters, positional: list[Any], named: dict[str, Any]) -> Any:
        key = positional[0] if positional else named.get("name", UNKNOWN)
        if of.is_plain and name not in ("get", "getlist", "__getitem__"):
            return UNKNOWN
        schema, value = parameter_of(name, named)
        if isinstance(key, Known) and isinstance(key.value, str):
            self.keep(key.value, of.place or self.place, schema, name == "required")
        return value

    # Statements

    def _run(self, body: Iterable[ast.stmt], scope: Scope) -> None:
        for statement in body:
            self._step(statement, scope)

    def _step(self, statement: ast.stmt, scope: Scope) -> None:
        match statement:
            case ast.Return(value):
                scope.returned.append(Known(None) if value is None else self.value(value, scope))
            case ast.Assign(targets, value):
                found = self.value(value, scope)
                for target in targets:
                    self.bind(target, found, scope)
            case ast.AnnAssign(target, _, value) if value is not None:
                self.bind(target, self.value(value, scope), scope)
            case ast.AugAssign(target, _, value):
                self.value(value, scope)
            case ast.Expr(value):
                self.value(value, scope)
            case ast.If(test, body, orelse):
                self._branch(test, body, orelse, scope)
            case ast.For(target, source, body, orelse):
                for value in self.rounds(source, scope):
                    self.bind(target, value, scope)
                    self._run(body, scope)
                self._run(orelse, scope)
            case ast.With(items, body):
                for item in items:
                    self.value(item.context_expr, scope)
                self._run(body, scope)
            case ast.Try(body, handlers, orelse, final):
                self._run(body, scope)
                for handler in handlers:
                    self._run(handler.body, scope)
                self._run([*orelse, *final], scope)
            case ast.Match(subject, cases):
                self.value(subject, scope)
                for each in cases:
                    self._run(each.body, scope)
            case ast.FunctionDef(name):
                scope.names[name] = Closure(statement, self.around(scope))
            case ast.Raise() | ast.Pass() | ast.Import() | ast.ImportFrom():
                pass
            case ast.While(test, body):
                self.value(test, scope)
                self._run(body, scope)

    def _branch(self, test: ast.expr, body: list[ast.stmt], orelse: list[ast.stmt], scope: Scope) -> None:
        decided = self.value(test, scope)
        if isinstance(decided, Known) and isinstance(decided.value, bool):
            self._run(body if decided.value else orelse, scope)
            return
        before = dict(scope.names)
        self._run(body, scope)
        after = scope.names
        ends = bool(body) and isinstance(body[-1], (ast.Return, ast.Raise, ast.Continue))
        scope.names = dict(before)
        self._run(orelse, scope)
        if not ends:
            for name, value in after.items():
                here = scope.names.get(name, value)
                scope.names[name] = value if here == UNKNOWN or name not in before else either(here, value)
