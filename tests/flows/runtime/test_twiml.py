"""Reading TwiML: what it asks for, what is passed over, what is refused."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.runtime.twiml import MalformedTwiml, Twiml, TwimlMessage, TwimlRedirect, read_twiml

BASE = "https://shop.test/twiml/start?x=1"


@pytest.mark.parametrize(
    ("inner", "expected"),
    [
        ("", Twiml()),
        ("<Message> Hello &amp; welcome </Message>", Twiml((TwimlMessage("Hello & welcome"),))),
        ("<Sms>old</Sms>", Twiml((TwimlMessage("old"),))),
        (
            '<Message to="+1555" from="+1666">\n <Body>Look</Body><Media>/a.png</Media>'
            "<Media>https://b.test/b</Media></Message>",
            Twiml((TwimlMessage("Look", ("https://shop.test/a.png", "https://b.test/b"), "+1555", "+1666"),)),
        ),
        ("<Message>one</Message><Message>two</Message>", Twiml((TwimlMessage("one"), TwimlMessage("two")))),
        (
            "<Redirect>next?a=1&amp;b=2</Redirect>",
            Twiml((), TwimlRedirect("https://shop.test/twiml/next?a=1&b=2", "POST")),
        ),
        (
            '<Redirect method="get">https://b.test/</Redirect><Message>never</Message>',
            Twiml((), TwimlRedirect("https://b.test/", "GET")),
        ),
        ("<Say>Hi</Say><Message>x</Message>", Twiml((TwimlMessage("x"),), None, ("<Say>",))),
        ("<Message> </Message><Redirect/>", Twiml((), None, ("an empty <Message>", "a <Redirect> without an address"))),
        ("<Message>x<Emoji/></Message>", Twiml((TwimlMessage("x"),), None, ("<Emoji> in a <Message>",))),
        ("<!-- a comment --><Message><![CDATA[<b>]]></Message>", Twiml((TwimlMessage("<b>"),))),
    ],
)
def test_reads(inner: str, expected: Twiml) -> None:
    assert read_twiml(f'<?xml version="1.0" encoding="UTF-8"?>\n<Response>{inner}</Response>', base=BASE) == expected


def test_reads_an_empty_answer_as_nothing_to_do() -> None:
    assert read_twiml(b"  \n", base=BASE) == Twiml()


def test_reads_the_encoding_that_the_document_declares() -> None:
    source = '<?xml version="1.0" encoding="ISO-8859-1"?><Response><Message>Grüße</Message></Response>'

    assert read_twiml(source.encode("latin-1"), base=BASE).messages == (TwimlMessage("Grüße"),)


@pytest.mark.parametrize(
    "source",
    [
        "Hello",
        "<html></html>",
        "<Response><Message></Response>",
        '<!DOCTYPE Response SYSTEM "https://evil.test/x"><Response/>',
        '<!DOCTYPE r [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><Response><Message>&b;</Message></Response>',
        '<!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/passwd">]><Response><Message>&a;</Message></Response>',
        "<Response><Message>&unknown;</Message></Response>",
        "<Response>" + "<a>" * 100 + "</a>" * 100 + "</Response>",
        "<Response>" + "x" * 70_000 + "</Response>",
        b'<?xml version="1.0" encoding="nonsense"?><Response/>',
        b"\xff\xfe\x00",
        b"\x00",
    ],
)
def test_refuses(source: bytes | str) -> None:
    with pytest.raises(MalformedTwiml):
        read_twiml(source, base=BASE)


@settings(max_examples=300, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=200),
        st.text(max_size=200),
        st.lists(
            st.sampled_from(["<Response>", "</Response>", "<Message>", "</Message>", "<Redirect>", "//[", "x", "&#1;"])
        ).map("".join),
    )
)
def test_reads_or_refuses_whatever_comes(source: bytes | str) -> None:
    try:
        assert isinstance(read_twiml(source, base=BASE), Twiml)
    except MalformedTwiml:
        pass
