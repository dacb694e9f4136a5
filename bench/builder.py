"""
The builder on large flows: what the browser's own clock says of its frames while one pans, zooms, drags and selects.

Flows of 50, 500 and 2,000 widgets are made by script and opened in Chromium. Each movement is made with the mouse; the
page counts its frames by ``requestAnimationFrame`` and its long tasks by ``PerformanceObserver``. Without a graphics
card frames are painted by the processor, so that the share of time spent in scripts says more about the builder than
the frame rate does; both are printed.

``python -m bench.builder`` starts a server of its own and prints the table; ``--url`` measures a running one.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from typing import Any

from playwright.sync_api import CDPSession, Page, sync_playwright

from tests.browser.chromium import CHROMIUM
from tests.servers import PASSWORD, installation

SIZES = (50, 500, 2000)
FRAME_MS = 1000 / 60
# A frame that takes longer than three is one that people see.
STUTTER_MS = 3 * FRAME_MS

COUNT = """
() => {
  const seen = { frames: [], tasks: [] };
  let running = true;
  const tick = (at) => { seen.frames.push(at); if (running) requestAnimationFrame(tick); };
  requestAnimationFrame(tick);
  const note = (list) => list.getEntries().forEach((entry) => seen.tasks.push(entry.duration));
  const observer = new PerformanceObserver(note);
  observer.observe({ type: "longtask" });
  window.stopCounting = () => { running = false; observer.disconnect(); return seen; };
}
"""


def build(widgets: int) -> dict[str, Any]:
    """Return a flow of about so many widgets: rounds of question, variables, split and two answers, as menus are."""
    states: list[dict[str, Any]] = [_state("Trigger", "trigger", {}, incomingMessage="ask_0")]
    rounds = max(1, (widgets - 1) // 5)
    for index in range(rounds):
        onward = f"ask_{index + 1}" if index + 1 < rounds else None
        subject = f"{{{{widgets.ask_{index}.inbound.Body}}}}"
        text = f"Question {index}: what shall we do about your order, {{{{flow.variables.name}}}}? Reply yes or no."
        condition = {"friendly_name": "Yes", "arguments": [subject], "type": "equal_to", "value": "yes"}
        states += [
            _state(
                f"ask_{index}",
                "send-and-wait-for-reply",
                _message(text, timeout="3600"),
                incomingMessage=f"set_{index}",
                timeout=None,
                deliveryFailure=None,
            ),
            _state(
                f"set_{index}",
                "set-variables",
                {"variables": [{"key": f"answer_{index}", "value": subject}]},
                next=f"split_{index}",
            ),
            {
                **_state(f"split_{index}", "split-based-on", {"input": subject}),
                "transitions": [
                    {"event": "noMatch", "next": f"no_{index}"},
                    {"event": "match", "next": f"yes_{index}", "conditions": [condition]},
                ],
            },
            _state(
                f"yes_{index}", "send-message", _message("Very well, we do that for you."), sent=onward, failed=None
            ),
            _state(
                f"no_{index}", "send-message", _message("As you like. Nothing was changed."), sent=onward, failed=None
            ),
        ]
    return {
        "description": "Made by script",
        "states": states,
        "initial_state": "Trigger",
        "flags": {"allow_concurrent_calls": True},
    }


def _state(name: str, kind: str, properties: dict[str, Any], **exits: str | None) -> dict[str, Any]:
    transitions = [{"event": event, **({"next": target} if target else {})} for event, target in exits.items()]
    return {"name": name, "type": kind, "transitions": transitions, "properties": properties}


def _message(body: str, **more: str) -> dict[str, Any]:
    return {"body": body, "from": "{{flow.channel.address}}", "to": "{{contact.channel.address}}", **more}


def make_flow(page: Page, widgets: int) -> str:
    """Make a flow by the browser's API and return its SID."""
    token = page.request.get("/app/v1/session").json()["csrf_token"]
    answer = page.request.post(
        "/app/v1/flows",
        data=json.dumps({"friendly_name": f"{widgets} widgets", "definition": build(widgets)}),
        headers={"X-CSRFToken": token, "Content-Type": "application/json"},
    )
    assert answer.status == 201, answer.text()
    return str(answer.json()["sid"])


class Gauge:
    """Counts frames, long tasks and the time spent in scripts while something is done."""

    def __init__(self, page: Page, browser: CDPSession) -> None:
        self.page = page
        self.browser = browser
        browser.send("Performance.enable")

    def measure(self, move: Any) -> dict[str, float]:
        self.page.wait_for_timeout(400)
        self.page.evaluate(COUNT)
        before, began = self._busy(), time.monotonic()
        move()
        took = time.monotonic() - began
        busy = self._busy() - before
        seen = self.page.evaluate("() => window.stopCounting()")
        gaps = sorted(later - earlier for earlier, later in zip(seen["frames"], seen["frames"][1:], strict=False))
        if not gaps:
            gaps = [took * 1000]
        return {
            "frames": len(gaps),
            "per_second": len(gaps) / took,
            "median": statistics.median(gaps),
            "p95": gaps[min(len(gaps) - 1, int(len(gaps) * 0.95))],
            "worst": gaps[-1],
            "stutters": sum(gap > STUTTER_MS for gap in gaps),
            "longest_task": max(seen["tasks"], default=0.0),
            "script": 100 * busy / took,
        }

    def _busy(self) -> float:
        metrics = {entry["name"]: entry["value"] for entry in self.browser.send("Performance.getMetrics")["metrics"]}
        return float(metrics["ScriptDuration"] + metrics["LayoutDuration"] + metrics["RecalcStyleDuration"])


def glide(page: Page, start: tuple[float, float], *, steps: int = 90) -> None:
    """Move the pressed mouse in a loop, as fast as the page takes it, at most sixty times a second."""
    page.mouse.move(*start)
    page.mouse.down()
    for step in range(steps):
        page.mouse.move(start[0] + (step % 45) * 6 - 120, start[1] + (step % 30) * 5 - 70)
        page.wait_for_timeout(8)
    page.mouse.up()


def measure_flow(page: Page, browser: CDPSession, sid: str) -> dict[str, dict[str, float]]:
    """Open a flow and move about in it."""
    gauge = Gauge(page, browser)
    began = time.monotonic()
    page.goto(f"/flows/{sid}")
    page.locator(".react-flow__node").first.wait_for()
    opened = time.monotonic() - began
    page.wait_for_timeout(1500)
    box = page.locator(".canvas").bounding_box()
    assert box is not None
    free = (box["x"] + 90, box["y"] + box["height"] - 150)
    rows: dict[str, dict[str, float]] = {"open": {"seconds": opened}}
    rows["pan"] = gauge.measure(lambda: glide(page, free))
    page.keyboard.press("0")
    card = page.locator(".react-flow__node .widget__head").first.bounding_box()
    assert card is not None
    rows["drag a widget"] = gauge.measure(lambda: glide(page, (card["x"] + 90, card["y"] + 18)))
    page.keyboard.press("ControlOrMeta+Z")
    rows["select one after the other"] = gauge.measure(lambda: _walk(page))
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    rows["zoom"] = gauge.measure(lambda: _turn_wheel(page))
    page.locator(".builder__canvas").focus()
    page.keyboard.press("1")
    page.wait_for_timeout(700)
    rows["pan, all of it in view"] = gauge.measure(lambda: glide(page, free))
    return rows


def _walk(page: Page) -> None:
    """Walk from widget to widget by the keyboard; the inspector opens for each."""
    page.locator(".builder__canvas").focus()
    for _ in range(12):
        page.keyboard.press("ArrowDown")
        page.wait_for_timeout(350)


def _turn_wheel(page: Page) -> None:
    for step in range(40):
        page.mouse.wheel(0, 60 if step < 20 else -60)
        page.wait_for_timeout(12)


def run(url: str = "") -> list[str]:
    """Measure all sizes; returns the lines of a table."""
    lines = [
        "| widgets | movement | frames/s | frame median / p95 / worst ms | frames > 50 ms | longest task ms | busy % |",
        "|---|---|---|---|---|---|---|",
    ]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_context(base_url=url, viewport={"width": 1440, "height": 900}).new_page()
        page.goto("/login")
        page.get_by_label("User name").fill("admin")
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Log in").click()
        page.wait_for_url(lambda address: not address.split("?")[0].endswith("/login"))
        session = page.context.new_cdp_session(page)
        for size in SIZES:
            rows = measure_flow(page, session, make_flow(page, size))
            lines.append(f"| {size:,} | open | | {rows.pop('open')['seconds'] * 1000:.0f} ms | | | |")
            lines += [_line(size, name, row) for name, row in rows.items()]
        browser.close()
    return lines


def _line(size: int, name: str, row: dict[str, float]) -> str:
    times = f"{row['median']:.0f} / {row['p95']:.0f} / {row['worst']:.0f}"
    return (
        f"| {size:,} | {name} | {row['per_second']:.0f} | {times} | {row['stutters']:.0f} of {row['frames']:.0f} "
        f"| {row['longest_task']:.0f} | {row['script']:.0f} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", default="", help="measure a running server with the tests' password")
    url = parser.parse_args().url
    if url:
        print("\n".join(run(url)))
        return
    with installation("sqlite") as desk:
        desk.manage("prepare")
        desk.start()
        print("\n".join(run(desk.base_url)))


if __name__ == "__main__":
    main()
