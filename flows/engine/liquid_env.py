"""
The Liquid dialect of flows, on python-liquid.

What is ours: the classic tags only (nothing that loads other templates), a clock that is passed in, loops of at
most ``Limits.loop_rounds``, no path from a template to a Python attribute, and bounds on work and size that make
the slowest possible template a matter of tens of milliseconds.
"""

from collections.abc import Callable, Iterator
from functools import partial
from io import StringIO
from itertools import islice
from typing import Any, ClassVar, TextIO, cast

from liquid import BoundTemplate, Environment, Mode, RenderContext, Token, Undefined
from liquid.ast import Node
from liquid.builtin.expressions import LoopExpression
from liquid.builtin.output import Output, OutputNode
from liquid.builtin.tags.for_tag import ForNode, ForTag
from liquid.exceptions import LiquidError, OutputStreamLimitError, ResourceLimitError, UnknownFilterError
from liquid.undefined import UNDEFINED
from liquid.utils import ReadOnlyChainMap

from flows.engine import filters
from flows.engine.values import MISSING, IndexPastEnd, item, to_text

MAX_OUTPUT = 262_144
# Nodes rendered inside loops, over the whole template; some 50 ms.
MAX_LOOP_WORK = 50_000
# Characters that the filters of one text may read and write; some 100 ms.
MAX_FILTER_WORK = 5_000_000
MAX_LOCALS = 4_000_000
# Tags that load other templates, and newcomers that flows have never known.
LEFT_OUT_TAGS = ("include", "render", "tablerow", "liquid", "doc", "#")


class Buffer(StringIO):
    """
    Output of at most MAX_OUTPUT characters.

    python-liquid's own bounded buffer turns carriage returns into line feeds.
    """

    def __init__(self, used: int = 0) -> None:
        super().__init__(newline="")
        self.size = used

    def write(self, text: str) -> int:
        self.size += len(text)
        if self.size > MAX_OUTPUT:
            raise OutputStreamLimitError(f"it is longer than {MAX_OUTPUT} characters", token=None)
        return super().write(text)


class FlowContext(RenderContext):
    """A render context over JSON values; ``notes`` collects what deserves a warning without failing."""

    __slots__ = ("filter_work", "loop_rounds", "loop_work", "moment", "notes")

    def __init__(self, template: BoundTemplate, *, moment: filters.Moment, loop_rounds: int, **options: Any) -> None:
        super().__init__(template, **options)
        self.moment = moment
        self.loop_rounds = loop_rounds
        self.notes: list[str] = []
        self.loop_work = 0
        self.filter_work = 0
        # python-liquid's own scope holds "now" and "today", which read the machine's clock.
        self.scope = ReadOnlyChainMap(self.locals, self.globals, self.counters)

    def filter(self, name: str, token: Token | None) -> Callable[..., object]:
        """Return the filter, bound to this rendering and accounted for."""
        function = self.env.filters.get(name)
        if function is None:
            raise UnknownFilterError(f"unknown filter '{name}'", token=token)
        if name == "date":
            function = partial(function, moment=self.moment)

        def call(left: object, *args: object, **options: object) -> object:
            result = function(left, *args, **options)
            self.filter_work += 100 + _length(left) + _length(result)
            if self.filter_work > MAX_FILTER_WORK:
                raise ResourceLimitError("the filters of this text do too much work", token=token)
            return result

        return call

    def get_buffer(self, buf: TextIO | None = None) -> StringIO:
        return Buffer(buf.size if isinstance(buf, Buffer) else 0)

    def get(self, path: list[object], *, token: Token | None, default: object = UNDEFINED) -> object:
        root, *rest = path
        try:
            value = self.scope[root] if isinstance(root, str) else MISSING
        except KeyError:
            value = MISSING
        try:
            for key in rest:
                if value is MISSING:
                    break
                value = item(value, key)
        except IndexPastEnd as error:
            self.notes.append(str(error))
            value = MISSING
        if value is not MISSING:
            return value
        return self.env.undefined(str(root), token=token) if default is UNDEFINED else default


def _length(value: object) -> int:
    return len(value) if isinstance(value, str | list) else 0


class PlainOutputNode(OutputNode):
    """Output in which an object is JSON, as everywhere in flows."""

    __slots__ = ()

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        value = self.expression.evaluate(context)
        return buffer.write("" if type(value) is Undefined else to_text(value))


class PlainOutput(Output):
    node_class = PlainOutputNode


class ShortLoop(LoopExpression):
    """A loop that ends after ``Limits.loop_rounds``, 15 as in Studio, and never unrolls a huge range."""

    __slots__ = ()

    def _to_iter(self, obj: object, context: RenderContext) -> tuple[Iterator[Any], int]:
        if isinstance(obj, range) and len(obj) > filters.MAX_ITEMS:
            raise ResourceLimitError(f"a range of more than {filters.MAX_ITEMS} numbers", token=self.token)
        return super()._to_iter(obj, context)

    def evaluate(self, context: RenderContext) -> tuple[Iterator[object], int]:
        assert isinstance(context, FlowContext)
        rounds, length = super().evaluate(context)
        if length <= context.loop_rounds:
            return rounds, length
        return islice(rounds, context.loop_rounds), context.loop_rounds


class ShortForNode(ForNode):
    """A ``for`` that accounts for the work its rounds make, nested ones included."""

    __slots__ = ("weight",)

    def __init__(self, token: Token, expression: LoopExpression, block: Any, default: Any = None) -> None:
        short = ShortLoop(
            expression.token,
            expression.identifier,
            expression.iterable,
            limit=expression.limit,
            offset=expression.offset,
            reversed_=expression.reversed,
            cols=expression.cols,
        )
        super().__init__(token, short, block, default)
        self.weight = _count(block)

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        assert isinstance(context, FlowContext)
        context.loop_work += self.weight * context.loop_rounds
        if context.loop_work > MAX_LOOP_WORK:
            raise ResourceLimitError("the loops of this text do too much work", token=self.token)
        return super().render_to_output(context, buffer)


class ShortFor(ForTag):
    node_class = ShortForNode


def _count(node: Any) -> int:
    """Return how many nodes a block holds, loops within it not entered (they count for themselves)."""
    if isinstance(node, ForNode):
        return 1
    if not isinstance(node, Node):
        return 1
    # Only tags that load other templates look at the context, and there are none here.
    inner: Any = node.children(cast(RenderContext, None))
    return 1 + sum(_count(child) for child in inner)


class FlowEnvironment(Environment):
    """The environment that all texts of flows are parsed in; it has no state of its own."""

    local_namespace_limit: ClassVar[int | None] = MAX_LOCALS

    def __init__(self) -> None:
        super().__init__(tolerance=Mode.STRICT)
        self.add_tag(PlainOutput)
        self.add_tag(ShortFor)
        for name in LEFT_OUT_TAGS:
            del self.tags[name]
        self.filters = filters.table(self.filters, self)


ENVIRONMENT = FlowEnvironment()


def explain(error: BaseException) -> str:
    """Return an error as one line for an admin."""
    if isinstance(error, LiquidError):
        return str(error.message or type(error).__name__)
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    return f"{type(error).__name__}: {error}"
