"""Files in the hands of somebody who drops them on a chat, or pastes them."""

from __future__ import annotations

import base64

from playwright.sync_api import Page, expect

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360606060000000050001"
    "a5f645400000000049454e44ae426082"
)
_BRINGS = """async ([how, name, base64]) => {
    const bytes = Uint8Array.from(atob(base64), letter => letter.charCodeAt(0));
    const held = new DataTransfer();
    held.items.add(new File([bytes], name, { type: "image/png" }));
    const options = { bubbles: true, cancelable: true };
    const chat = document.querySelector(".chat");
    if (how === "paste") {
        const pasted = new ClipboardEvent("paste", { ...options, clipboardData: held });
        return document.querySelector("#composer").dispatchEvent(pasted);
    }
    chat.dispatchEvent(new DragEvent("dragover", { ...options, dataTransfer: held }));
    const invites = () => chat.innerText.includes("Drop the files");
    for (let look = 0; look < 100 && !invites(); look += 1) await new Promise(done => setTimeout(done, 50));
    const invited = invites();
    chat.dispatchEvent(new DragEvent("drop", { ...options, dataTransfer: held }));
    return invited;
}"""


def bring(agent: Page, how: str, name: str) -> None:
    """Let an agent ``drop`` a picture on the open chat, or ``paste`` it; it is invited, taken and attached."""
    invited = agent.evaluate(_BRINGS, [how, name, base64.b64encode(PNG).decode()])
    assert invited is (how == "drop")
    expect(agent.get_by_role("button", name=f"Remove {name}")).to_be_visible()
