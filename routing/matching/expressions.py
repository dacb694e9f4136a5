"""
The expression language of queues, filters and targets: text to tokens to tree to a function.

An expression is compiled once and evaluated on plain mappings::

    rule = compile_expression("skills HAS 'billing' AND level >= 3")
    rule.matches({"skills": ["billing"], "level": 4})  # True

Grammar (keywords in any case; ``AND`` binds before ``OR``)::

    expr  := and ( OR and )*
    and   := test ( AND test )*
    test  := NOT? "(" expr ")" | value OP value
    value := string | number | true | false | null | "[" value ("," value)* "]" | name ( "." name | "[" int "]" )*
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from routing.matching.errors import ExpressionError
from routing.matching.operators import OPERATORS, Operator, Value, is_null

Scope = Mapping[str, Any]
Path = tuple[str | int, ...]

MAX_DEPTH = 100  # of brackets; deeper ones would exhaust the interpreter's stack
MAX_LENGTH = 20_000  # characters; what an admin writes is far below

_TOKEN = re.compile(
    r"""(?P<space>\s+)
      | (?P<string>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")
      | (?P<number>-?[0-9]+(?:\.[0-9]+)?)
      | (?P<operator>==|!=|>=|<=|=|>|<)
      | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
      | (?P<mark>[()\[\],.])""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_WORD_OPERATORS = frozenset({"CONTAINS", "HAS", "IN"})
_KEYWORDS = _WORD_OPERATORS | {"AND", "OR", "NOT"}
_CONSTANTS: Mapping[str, bool | None] = {"TRUE": True, "FALSE": False, "NULL": None}


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the text; ``kind`` is string, number, operator, keyword, name, mark or end."""

    kind: str
    text: str
    offset: int


@dataclass(frozen=True, slots=True)
class Literal:
    value: Value


@dataclass(frozen=True, slots=True)
class Reference:
    """A name to be looked up, as ``("customer", "phones", 0)``."""

    path: Path
    offset: int


@dataclass(frozen=True, slots=True)
class ListOf:
    items: tuple[Operand, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    operator: str
    left: Operand
    right: Operand


@dataclass(frozen=True, slots=True)
class AllOf:
    tests: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    tests: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not:
    test: Node


Operand = Literal | Reference | ListOf
Node = Comparison | AllOf | AnyOf | Not


@dataclass(frozen=True, slots=True)
class Expression:
    """A parsed expression; ``matches`` evaluates it and never raises."""

    text: str
    tree: Node
    matches: Callable[[Scope], bool]
    references: tuple[Reference, ...]

    def roots(self) -> frozenset[str]:
        """Return the first names of all references: ``{"task", "worker"}`` for a target's expression."""
        return frozenset(str(reference.path[0]) for reference in self.references)


@lru_cache(maxsize=4096)
def compile_expression(text: str) -> Expression:
    """
    Parse ``text`` and make it a function of a mapping of names.

    :raises ExpressionError: it does not parse; has line and column.
    """
    if len(text) > MAX_LENGTH:
        raise ExpressionError(f"an expression has at most {MAX_LENGTH} characters", line=1, column=1)
    tree = _Parser(text).parse()
    references = tuple(_references(tree))
    return Expression(text=text, tree=tree, matches=_compile(tree), references=references)


def require_roots(expression: Expression, allowed: Iterable[str]) -> None:
    """
    Check that every name starts with one of ``allowed``.

    :raises ExpressionError: at the first name that does not.
    """
    names = sorted(allowed)
    for reference in expression.references:
        if reference.path[0] not in names or len(reference.path) < 2:
            prefixes = " or ".join(f"'{name}.'" for name in names)
            raise _error(expression.text, reference.offset, f"'{_dotted(reference.path)}' must start with {prefixes}")


def look_up(scope: Any, path: Sequence[str | int]) -> Value:
    """Return what ``path`` leads to in nested mappings and lists, None where it leads nowhere."""
    value = scope
    for key in path:
        if isinstance(key, int):
            if not isinstance(value, list) or key >= len(value):
                return None
            value = value[key]
        elif isinstance(value, Mapping):
            value = value.get(key)
        else:
            return None
    return value


def prune(scope: Mapping[str, Any], paths: Iterable[Path]) -> dict[str, Any]:
    """
    Return the part of ``scope`` that ``paths`` can see.

    Evaluating an expression on the pruned mapping gives the same answer as on the
    whole. Lists are kept whole, because an index needs those before it.
    """
    kept: dict[str, Any] = {}
    for path in paths:
        source: Any = scope
        target = kept
        for position, key in enumerate(path):
            if not isinstance(source, Mapping) or key not in source:
                break
            source = source[key]
            last = position == len(path) - 1
            if not last and isinstance(source, Mapping) and isinstance(path[position + 1], str):
                existing = target.setdefault(str(key), {})
                if existing is source:
                    break
                target = existing
            else:
                target[str(key)] = source
                break
    return kept


# The parser


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = list(_tokens(text))
        self.position = 0
        self.depth = 0

    def parse(self) -> Node:
        tree = self.disjunction()
        if self.current.kind != "end":
            raise self.unexpected("AND, OR or the end")
        return tree

    @property
    def current(self) -> Token:
        return self.tokens[self.position]

    def take(self) -> Token:
        token = self.current
        self.position += 1
        return token

    def is_keyword(self, word: str) -> bool:
        return self.current.kind == "keyword" and self.current.text.upper() == word

    def is_mark(self, mark: str) -> bool:
        return self.current.kind == "mark" and self.current.text == mark

    def disjunction(self) -> Node:
        tests = [self.conjunction()]
        while self.is_keyword("OR"):
            self.take()
            tests.append(self.conjunction())
        return tests[0] if len(tests) == 1 else AnyOf(tuple(tests))

    def conjunction(self) -> Node:
        tests = [self.test()]
        while self.is_keyword("AND"):
            self.take()
            tests.append(self.test())
        return tests[0] if len(tests) == 1 else AllOf(tuple(tests))

    def test(self) -> Node:
        if self.is_keyword("NOT"):
            self.take()
            if not self.is_mark("("):
                raise self.unexpected("'(' after NOT")
            return Not(self.group())
        if self.is_mark("("):
            return self.group()
        left = self.operand()
        operator = self.operator()
        return Comparison(operator, left, self.operand())

    def group(self) -> Node:
        self.enter()
        self.take()
        tree = self.disjunction()
        if not self.is_mark(")"):
            raise self.unexpected("')'")
        self.take()
        self.depth -= 1
        return tree

    def operator(self) -> str:
        if self.current.kind == "operator":
            return self.take().text
        if self.is_keyword("NOT"):
            following = self.tokens[self.position + 1]
            if following.kind == "keyword" and following.text.upper() == "IN":
                self.position += 2
                return "NOT IN"
        if self.current.kind == "keyword" and self.current.text.upper() in _WORD_OPERATORS:
            return self.take().text.upper()
        raise self.unexpected("OPERATOR")

    def operand(self) -> Operand:
        token = self.current
        if token.kind == "string":
            self.take()
            return Literal(_ESCAPE.sub(r"\1", token.text[1:-1]))
        if token.kind == "number":
            self.take()
            return Literal(float(token.text) if "." in token.text else self.integer(token))
        if token.kind == "name":
            self.take()
            if token.text.upper() in _CONSTANTS and not self.is_mark(".") and not self.is_mark("["):
                return Literal(_CONSTANTS[token.text.upper()])
            return self.reference(token)
        if self.is_mark("["):
            return self.list_of()
        raise self.unexpected("a value")

    def integer(self, token: Token) -> int:
        if len(token.text) > 300:
            raise _error(self.text, token.offset, "a number has at most 300 digits")
        return int(token.text)

    def list_of(self) -> Operand:
        self.enter()
        self.take()
        items: list[Operand] = []
        while not self.is_mark("]"):
            if items:
                if not self.is_mark(","):
                    raise self.unexpected("',' or ']'")
                self.take()
            items.append(self.operand())
        self.take()
        self.depth -= 1
        literals = [item.value for item in items if isinstance(item, Literal)]
        if len(literals) == len(items):
            return Literal(literals)
        return ListOf(tuple(items))

    def reference(self, first: Token) -> Reference:
        path: list[str | int] = [first.text]
        while True:
            if self.is_mark("."):
                self.take()
                # After a dot a keyword is a name like any other: attributes may be called "in".
                if self.current.kind not in ("name", "keyword"):
                    raise self.unexpected("a name after '.'")
                path.append(self.take().text)
            elif self.is_mark("["):
                self.take()
                index = self.current
                if index.kind != "number" or not index.text.isdigit() or len(index.text) > 9:
                    raise self.unexpected("an index")
                self.take()
                if not self.is_mark("]"):
                    raise self.unexpected("']'")
                self.take()
                path.append(int(index.text))
            else:
                return Reference(tuple(path), first.offset)

    def enter(self) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise _error(self.text, self.current.offset, f"brackets are nested deeper than {MAX_DEPTH}")

    def unexpected(self, expected: str) -> ExpressionError:
        token = self.current
        if token.kind == "end":
            return _error(self.text, token.offset, f"the expression ends, expecting {expected}")
        return _error(self.text, token.offset, f"extraneous input '{token.text}' expecting {expected}")


def _tokens(text: str) -> Iterator[Token]:
    offset = 0
    while offset < len(text):
        found = _TOKEN.match(text, offset)
        if found is None or found.lastgroup is None:
            what = "a string is not closed" if text[offset] in "'\"" else f"extraneous input '{text[offset]}'"
            expecting = "" if text[offset] in "'\"" else " expecting OPERATOR or a value"
            raise _error(text, offset, what + expecting)
        kind, piece = found.lastgroup, found.group()
        if kind == "name" and piece.upper() in _KEYWORDS:
            kind = "keyword"
        if kind != "space":
            yield Token(kind, piece, offset)
        offset = found.end()
    yield Token("end", "", len(text))


def _error(text: str, offset: int, message: str) -> ExpressionError:
    line = text.count("\n", 0, offset) + 1
    column = offset - (text.rfind("\n", 0, offset) + 1) + 1
    return ExpressionError(message, line=line, column=column)


def _dotted(path: Path) -> str:
    return "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in path).lstrip(".")


def _references(node: Node | Operand) -> Iterator[Reference]:
    match node:
        case Reference():
            yield node
        case ListOf(items):
            for item in items:
                yield from _references(item)
        case Comparison(_, left, right):
            yield from _references(left)
            yield from _references(right)
        case AllOf(tests) | AnyOf(tests):
            for test in tests:
                yield from _references(test)
        case Not(test):
            yield from _references(test)


# The compiler: closures are several times faster than walking the tree on every evaluation


def _compile(node: Node) -> Callable[[Scope], bool]:
    match node:
        case Comparison(operator, left, right):
            return _compile_comparison(operator, left, right)
        case AllOf(tests):
            compiled = tuple(_compile(test) for test in tests)
            return lambda scope: all(test(scope) for test in compiled)
        case AnyOf(tests):
            compiled = tuple(_compile(test) for test in tests)
            return lambda scope: any(test(scope) for test in compiled)
        case Not(test):
            inner = _compile(test)
            return lambda scope: not inner(scope)


def _compile_comparison(operator: str, left: Operand, right: Operand) -> Callable[[Scope], bool]:
    if operator in ("==", "=", "!="):
        nulls = [isinstance(side, Literal) and side.value is None for side in (left, right)]
        if any(nulls):
            other = _compile_operand(right if nulls[0] else left)
            wanted = operator != "!="
            return lambda scope: is_null(other(scope)) is wanted
    decide: Operator = OPERATORS[operator]
    first, second = _compile_operand(left), _compile_operand(right)
    return lambda scope: decide(first(scope), second(scope))


def _compile_operand(operand: Operand) -> Callable[[Scope], Value]:
    match operand:
        case Literal(value):
            return lambda scope: value
        case Reference(path):
            if len(path) == 1:
                name = str(path[0])
                return lambda scope: scope.get(name)
            return lambda scope: look_up(scope, path)
        case ListOf(items):
            compiled = tuple(_compile_operand(item) for item in items)
            return lambda scope: [item(scope) for item in compiled]
