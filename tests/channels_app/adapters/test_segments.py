import pytest

from channels_app.adapters.segments import Segments, segments_of


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("", Segments("GSM-7", 0, 1)),
        ("a" * 160, Segments("GSM-7", 160, 1)),
        ("a" * 161, Segments("GSM-7", 161, 2)),
        ("a" * 306, Segments("GSM-7", 306, 2)),
        ("a" * 307, Segments("GSM-7", 307, 3)),
        ("€" * 80, Segments("GSM-7", 160, 1)),
        ("a" * 152 + "€" + "a" * 10, Segments("GSM-7", 164, 2)),
        ("日" * 70, Segments("UCS-2", 70, 1)),
        ("日" * 71, Segments("UCS-2", 71, 2)),
        ("😀" * 35, Segments("UCS-2", 70, 1)),
        ("😀" * 36, Segments("UCS-2", 72, 2)),
        ("a" * 71 + "ő", Segments("UCS-2", 72, 2)),
    ],
)
def test_counts_the_parts_of_a_text(body: str, expected: Segments) -> None:
    assert segments_of(body) == expected
