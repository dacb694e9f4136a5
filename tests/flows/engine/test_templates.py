"""Liquid as flows know it: a table of texts, the bounds, and what a template can never do."""

from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.engine import liquid_env
from flows.engine.templates import Template, template
from tests.flows.engine.scenes import Scene

CONTEXT: dict[str, Any] = {
    "flow": {
        "sid": "FN1",
        "flow_sid": "FW1",
        "channel": {"address": "+2"},
        "variables": {
            "n": "3",
            "list": [1, "b", None, True],
            "objects": [{"k": "x"}, {"k": "y"}],
            "object": {"k": 'say "hi"', "t": True, "none": None, "f": 1.5},
            "text": " Hello World ",
            "long": "ab" * 10_000,
        },
        "data": {},
    },
    "contact": {"channel": {"address": "+1"}},
    "trigger": {"message": {"Body": "hi", "first": "named first"}},
    "widgets": {"get-convo-name": {"parsed": {"x": "hyphens"}}, "ask": {"inbound": {"Body": "Ada"}}},
}


def render(source: str, scene: Scene | None = None, context: dict[str, Any] | None = None) -> str:
    return Template(source).render(CONTEXT if context is None else context, scene or Scene())


CASES = [
    ("plain text", "plain text"),
    ("{{widgets.ask.inbound.Body}}", "Ada"),
    ("Hi {{ widgets.ask.inbound.Body }}!", "Hi Ada!"),
    ("{{widgets.get-convo-name.parsed.x}}", "hyphens"),
    ("{{ widgets['get-convo-name'].parsed[\"x\"] }}", "hyphens"),
    ("{{widgets.ask.inbound. \nBody}}", "Ada"),
    ("{{nothing}}|{{nothing.at.all}}|{{flow.variables.none.x}}", "||"),
    ("{{flow.variables.object.none}}", ""),
    ("{{flow.variables.object.t}} {{flow.variables.object.f}}", "true 1.5"),
    ("{{flow.variables.object}}", '{"k":"say \\"hi\\"","t":true,"none":null,"f":1.5}'),
    ("{{flow.variables.list}}", "1btrue"),
    ("{{flow.variables.list[0]}}{{flow.variables.list.first}}{{flow.variables.list.last}}", "11true"),
    ("{{flow.variables.list.size}} {{flow.variables.text.size}}", "4 13"),
    ("{{trigger.message.first}}", "named first"),
    ("{% assign i = 1 %}{{flow.variables.list[i]}}", "b"),
    ("{{ flow.variables.object | to_json }}", '{"k":"say \\"hi\\"","t":true,"none":null,"f":1.5}'),
    ("{{ flow.variables.nope | to_json }}", "null"),
    ('{"x": {{ flow.variables.object.k | to_json }}}', '{"x": "say \\"hi\\""}'),
    ("{{ flow.variables.n | plus: 1 }}", "4"),
    ("{{ flow.variables.nope | plus: 1 }}", "1"),
    ("{{ 'abc' | plus: 1 }}", "1"),
    ("{{ '1.5' | plus: '2' }}", "3.5"),
    ("{{ 7 | minus: 2 | times: 3 | divided_by: 2 }} {{ 7 | modulo: 4 }}", "7 3"),
    ("{{ flow.variables.text | strip | downcase | replace: 'world', 'there' }}", "hello there"),
    ("{{ flow.variables.text | lstrip | upcase }}|", "HELLO WORLD |"),
    ("{{ '+1 555' | remove_first: '+' | remove: ' ' | append: '!' | prepend: '>' }}", ">1555!"),
    ("{{ 'a\nb' | strip_newlines }} {{ 'abc' | slice: 1 }} {{ 'abcdef' | truncate: 5 }}", "ab b ab..."),
    ("{{ 'a,b,c' | split: ',' | reverse | join: '-' }}", "c-b-a"),
    ("{{ flow.variables.objects | map: 'k' | join }}", "x y"),
    ("{{ flow.variables.objects | to_json }}", '[{"k":"x"},{"k":"y"}]'),
    ("{{ flow.variables.object.t | append: '!' }}", "true!"),
    (
        "{{ flow.variables.nope | default: 'unset' }} {{ '' | default: 'empty' }} {{ false | default: 'no' }}",
        "unset empty no",
    ),
    ("{{ 'a b+c' | url_encode }} {{ '<b>' | escape }}", "a+b%2Bc &lt;b&gt;"),
    ("{% if flow.variables.nope %}a{% elsif flow.variables.n == '3' %}b{% else %}c{% endif %}", "b"),
    ("{% unless flow.variables.nope %}no{% endunless %}", "no"),
    ("{% case widgets.ask.inbound.Body %}{% when 'Eve', 'Ada' %}one of them{% else %}?{% endcase %}", "one of them"),
    (
        "{% for o in flow.variables.objects %}{{forloop.index}}{{o.k}}{% if forloop.last %}.{% endif %}{% endfor %}",
        "1x2y.",
    ),
    ("{% for i in (1..100) %}{{i}} {% endfor %}", "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 "),
    ("{% for i in (1..9) reversed limit: 2 offset: 1 %}{{i}}{% endfor %}", "32"),
    ("{% for i in (1..9) %}{% if i == 3 %}{% break %}{% endif %}{{i}}{% endfor %}", "12"),
    ("{% comment %}{{ hidden }}{% endcomment %}{% raw %}{{ shown }}{% endraw %}", "{{ shown }}"),
    ("{% capture c %}x{{ flow.variables.n }}{% endcapture %}{{ c }}{{ c }}", "x3x3"),
    ("{% cycle 'a', 'b' %}{% cycle 'a', 'b' %}{% increment k %}{% increment k %}", "ab01"),
    ("{{ 'now' | date: '%Y-%m-%d %H:%M' }}", "2026-01-31 12:00"),
    ("{{ '2026-05-01T10:00:00Z' | date: '%d.%m. %H' }} {{ 1767268800 | date: '%Y' }}", "01.05. 10 2026"),
    ("{{ 'not a date' | date: '%Y' }} {{ flow.variables.nope | date: '%Y' }}", "not a date "),
    ("{{ '10:30' | date: '%Y-%m-%d %H:%M' }}", "2026-01-31 10:30"),
    ("${placeholder} {single} %}", "${placeholder} {single} %}"),
]


@pytest.mark.parametrize(("source", "expected"), CASES)
def test_renders(source: str, expected: str) -> None:
    scene = Scene()

    assert (render(source, scene), scene.warnings) == (expected, [])


@pytest.mark.parametrize(
    "source",
    [
        "{{ unfinished",
        "{{ a + b }}",
        "{{ x | no_such_filter }}",
        "{% no_such_tag %}",
        "{% if x %}",
        "{% include 'secrets' %}",
        "{% render 'secrets' %}",
        "{{ 1 | divided_by: 0 }}",
        "{{ '" + "9" * 100 + "' | times: 9 }}",
        "{% for i in (1..1000000000) reversed %}{{i}}{% endfor %}",
        "{{ (1..1000000000) | join: ',' }}",
        "{{ flow.variables.long | replace: 'a', flow.variables.long }}",
        "{% assign x = flow.variables.long | split: '' %}" + "{% assign x = x | concat: x %}" * 5 + "{{ x.size }}",
        "{% for a in (1..15) %}" * 6 + "x" + "{% endfor %}" * 6,
        "{{ flow.variables.long }}" * 20,
        "x{{ y }}" * 40_000,
        "{{ flow.variables.long | upcase | size }}" * 200,
        "{{ flow.variables.long" + " | upcase" * 500 + " }}",
        "{% assign y = 'a' %}" + "{% assign y = y | append: y %}" * 40,
    ],
)
def test_what_cannot_be_rendered_is_empty_and_warns_once(source: str) -> None:
    scene = Scene()

    assert (render(source, scene), [code for code, _ in scene.warnings]) == ("", [81018])


def test_an_index_past_the_end_leaves_the_rest_and_warns() -> None:
    scene = Scene()

    assert render("a{{ flow.variables.list[9] }}b", scene) == "ab"
    assert [code for code, _ in scene.warnings] == [81018]


def test_dates_are_the_accounts() -> None:
    scene = Scene(zone=ZoneInfo("America/Los_Angeles"))

    assert render("{{ 'now' | date: '%H:%M' }} {{ '2026-01-31T00:00:00Z' | date: '%d' }}", scene) == "04:00 30"


@pytest.mark.parametrize(
    "source",
    [
        "{{ flow.__class__ }}",
        "{{ flow.items }}",
        "{{ flow.variables.text.upper }}",
        "{{ flow.variables.list.append }}",
        "{{ flow.variables.list.__class__.__mro__[1] }}",
        "{{ now }}{{ today }}",
        "{{ forloop.it }}",
        "{% for i in (1..1) %}{{ forloop.it }}{{ forloop.step }}{% endfor %}",
        "{{ flow['__class__'] }}",
        "{% assign k = '__class__' %}{{ flow[k] }}",
    ],
)
def test_python_is_out_of_reach(source: str) -> None:
    assert render(source) == ""


def test_nul_and_lone_surrogates_never_come_out() -> None:
    assert render("a\x00b\ud800") == "ab\ufffd"
    assert render("{{ 'AGE=' | base64_decode }}") == "a"


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
names = st.sampled_from(["flow", "flow.variables.x", "widgets.a-b.y[0]", "trigger", "x", "i", "forloop", "flow['x']"])
filters = st.sampled_from(sorted(liquid_env.ENVIRONMENT.filters))
arguments = st.sampled_from(["", ": 1", ": 'a'", ": 'a', 'b'", ": x", ": flow, 2", ": 0", ": -5", ": 1.5", ": nil"])
outputs = st.builds(
    lambda name, chain: "{{ " + " | ".join([name, *(f"{filter_}{argument}" for filter_, argument in chain)]) + " }}",
    names | st.sampled_from(["'text'", "12", "(1..5)", "nil", "empty", "'now'"]),
    st.lists(st.tuples(filters, arguments), max_size=3),
)
tags = st.sampled_from(
    [
        "{% if x %}", "{% else %}", "{% endif %}", "{% for i in flow %}", "{% for i in (1..20) %}", "{% endfor %}",
        "{% assign x = flow.variables %}", "{% case x %}", "{% when 1 %}", "{% endcase %}", "{% break %}",
        "{% cycle 1, 2 %}", "{% capture y %}", "{% endcapture %}", "{{", "}}", "{%", "%}", "{% endraw %}", "{% raw %}",
        "{% increment x %}", "{% ifchanged %}", "{% endifchanged %}", "{% if x > 3 %}", "{% if x contains 'a' %}",
    ]
)  # fmt: skip
sources = st.lists(outputs | tags | st.text(max_size=10), max_size=8).map("".join)


@settings(max_examples=200, deadline=None)
@given(source=sources | st.text(alphabet="{}%|.'[]: abx1-\n", max_size=40), value=values)
def test_no_template_and_no_value_raises(source: str, value: Any) -> None:
    context = {**CONTEXT, "x": value, "flow": {"variables": {"x": value}}, "widgets": {"a-b": {"y": value}}}

    text = Template(source).render(context, Scene())

    assert isinstance(text, str)
    assert len(text) <= max(liquid_env.MAX_OUTPUT, len(source))


plain = st.sampled_from(["{{ a.b }}", "{{x}}", "{{ a['b'][0] }}", "{{a.size}}", "{{a.first}}"])


@settings(max_examples=200, deadline=None)
@given(parts=st.lists(plain | st.text(alphabet="ab \n", max_size=4), max_size=5), value=values)
def test_the_quick_way_renders_what_the_machinery_does(parts: list[str], value: Any) -> None:
    """Plain variables take a short cut; through an empty capture the same text goes the long way."""
    source = "".join(parts)
    context = {"a": {"b": value}, "x": value}

    quick, slow = Scene(), Scene()

    assert Template(source).render(context, quick) == Template("{% assign q = 1 %}" + source).render(context, slow)
    assert [code for code, _ in quick.warnings] == [code for code, _ in slow.warnings]


def test_equal_texts_are_parsed_once() -> None:
    assert template("{{ a }}") is template("{{ a }}")
    assert [template(value).source for value in (3600, True, None, {"a": 1})] == ["3600", "true", "", ""]
