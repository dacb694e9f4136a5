import { screen, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";

import { renderAt } from "../testing/render";
import { type Finding, socketFinding, sorted, summary } from "./doctor";
import { FindingTable } from "./DoctorPanel";
import { trySocket } from "./trySocket";

const FINE: Finding = { check: "database", level: "ok", text: "It answers", advice: "" };
const LATE: Finding = { check: "parked", level: "warning", text: "Two were given up", advice: "Send them again." };
const DOWN: Finding = { check: "worker", level: "error", text: "No worker runs", advice: "Start one." };

describe("the doctor", () => {
  it("tells the gravest first, and all of it in a sentence", () => {
    expect(sorted([FINE, LATE, DOWN])).toEqual([DOWN, LATE, FINE]);
    expect(summary([FINE])).toBe("Nothing is wrong.");
    expect(summary([FINE, DOWN])).toBe("1 thing is wrong.");
    expect(summary([DOWN, DOWN, LATE])).toBe("2 things are wrong, 1 to look at.");
  });

  it("shows what to do beside what is wrong, and only there", () => {
    renderAt(<FindingTable findings={[DOWN, { ...FINE, advice: "Never shown" }]} />);

    const [, down, fine] = screen.getAllByRole("row");
    expect(within(down!).getByText("Start one.")).toBeInTheDocument();
    expect(within(down!).getByText("Wrong")).toBeInTheDocument();
    expect(within(fine!).queryByText("Never shown")).toBeNull();
  });

  it("tries a socket and says whether it opened", async () => {
    const fake = (event: "onopen" | "onerror") => (address: string) => {
      expect(address).toMatch(/^ws.*\/ws\/console\/$/);
      const socket = { close: () => undefined } as unknown as WebSocket;
      setTimeout(() => (socket[event] as () => void)(), 0);
      return socket;
    };

    expect(await trySocket(fake("onopen"))).toBe(true);
    expect(await trySocket(fake("onerror"))).toBe(false);
    expect(socketFinding(false).level).toBe("error");
  });
});
