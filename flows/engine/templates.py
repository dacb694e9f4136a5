"""
Liquid templates: parsed once, rendered against an execution's context, never raising.

Most texts in real flows are constants or put plain variables between constants; those are rendered by
walking the context. Everything else goes through python-liquid, with an environment of our own (``liquid_env``).
Where this differs from Studio is listed in docs/flows.md.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Protocol

from liquid import BoundTemplate
from liquid.builtin.content import ContentNode
from liquid.builtin.expressions import FilteredExpression, Path
from liquid.exceptions import LiquidError

from flows.engine import filters, liquid_env
from flows.engine.limits import Limits
from flows.engine.problems import TEMPLATE_FAILED
from flows.engine.texts import clean
from flows.engine.values import IndexPastEnd, to_text, walk

# A property longer than this is not a text somebody wrote.
MAX_SOURCE = 100_000
# Longer texts are hardly ever equal, and a cache of their trees would be large.
MAX_SHARED = 1_000


class Scene(filters.Moment, Protocol):
    """What a template is rendered in: the moment, the bounds, and where its warnings go."""

    @property
    def limits(self) -> Limits: ...

    def warn(self, code: int, message: str) -> None: ...


class Template:
    """
    A parsed text.

    ``source`` is what was written, ``error`` why it cannot be parsed ("" if it can), ``paths`` the plain
    variables it is made of where it needs no Liquid machinery at all.
    """

    __slots__ = ("_bound", "_parts", "constant", "error", "source")

    def __init__(self, source: str) -> None:
        self.source = source
        self.error = ""
        self.constant: str | None = None
        self._parts: tuple[str | tuple[str | int, ...], ...] | None = None
        self._bound: BoundTemplate | None = None
        if "{{" not in source and "{%" not in source:
            self.constant = clean(source)
        elif len(source) > MAX_SOURCE:
            self.error = f"the text is longer than {MAX_SOURCE} characters"
        else:
            self._parse(source)

    def _parse(self, source: str) -> None:
        try:
            bound = liquid_env.ENVIRONMENT.from_string(clean(source))
        except LiquidError as error:
            self.error = liquid_env.explain(error)
        else:
            self._bound = bound
            self._parts = plain_parts(bound)

    def render(self, context: Mapping[str, Any], scene: Scene) -> str:
        """Return the rendered text; what cannot be rendered warns (81018) and gives an empty text."""
        if self.constant is not None:
            return self.constant
        if self._parts is not None:
            try:
                text = "".join([part if type(part) is str else to_text(walk(context, part)) for part in self._parts])
            except IndexPastEnd:
                pass  # the slow way renders the rest and names the place
            except (RecursionError, ValueError) as error:
                return self._fail(scene, str(error))
            else:
                if len(text) <= liquid_env.MAX_OUTPUT:
                    return clean(text)
        if self._bound is None:
            return self._fail(scene, self.error)
        return self._render_slowly(self._bound, context, scene)

    def _render_slowly(self, bound: BoundTemplate, context: Mapping[str, Any], scene: Scene) -> str:
        run = liquid_env.FlowContext(bound, globals=context, moment=scene, loop_rounds=scene.limits.loop_rounds)
        buffer = liquid_env.Buffer()
        try:
            bound.render_with_context(run, buffer)
        except Exception as error:
            # Whatever a text that an admin wrote and a value that a customer sent do to a filter, the
            # execution goes on: Liquid's own errors, arithmetic, recursion, limits.
            return self._fail(scene, liquid_env.explain(error))
        for note in run.notes:
            self._fail(scene, note)
        return clean(buffer.getvalue())

    def _fail(self, scene: Scene, reason: str) -> str:
        shown = self.source if len(self.source) <= 80 else self.source[:79] + "…"
        scene.warn(TEMPLATE_FAILED, f"The text {shown!r} could not be rendered: {reason}")
        return ""


def plain_parts(bound: BoundTemplate) -> tuple[str | tuple[str | int, ...], ...] | None:
    """Return constants and variable paths in their order, or None where the template holds anything else."""
    parts: list[str | tuple[str | int, ...]] = []
    for node in bound.nodes:
        if type(node) is ContentNode:
            parts.append(node.text)
            continue
        if type(node) is not liquid_env.PlainOutputNode or type(node.expression) is not FilteredExpression:
            return None
        expression = node.expression
        if expression.filters or type(expression.left) is not Path:
            return None
        segments = [segment for segment in expression.left.path if isinstance(segment, str | int)]
        if len(segments) != len(expression.left.path):
            return None
        parts.append(tuple(segments))
    return tuple(parts)


@lru_cache(maxsize=2048)
def _compiled(source: str) -> Template:
    return Template(source)


def template(source: object) -> Template:
    """Return the template of a property; numbers and booleans become their text, None and objects an empty one."""
    if isinstance(source, str):
        return _compiled(source) if len(source) <= MAX_SHARED else Template(source)
    if isinstance(source, bool):
        return _compiled("true" if source else "false")
    if isinstance(source, int | float):
        return _compiled(str(source))
    return EMPTY


EMPTY = Template("")
