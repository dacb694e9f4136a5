import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it, vi } from "vitest";

import { renderAt, serve } from "../../testing/render";
import { FiguresDialog } from "./FiguresDialog";

const MINE = {
  time_zone: "UTC",
  figures: { accepted: 12, transfers_out: 2, handle_avg: 250, wrap_avg: 30, offers: 15, rejected: 1, missed: 2, csat_avg: 4.5, csat_answers: 1 },
  activities: [{ sid: "WA1", name: "Available", available: true, seconds: 7_800 }],
};

it("tells what one did today, and in other spans when asked to", async () => {
  vi.useFakeTimers({ toFake: ["Date"], now: new Date(2030, 4, 3, 15) });
  const calls = serve(({ path }) => (path.startsWith("reports/mine") ? { body: MINE } : undefined));
  renderAt(<FiguresDialog opened onClose={() => undefined} />);

  expect(await screen.findByText("1 rejected, 2 missed")).toBeInTheDocument();
  expect(screen.getByText("4 min 10 s")).toBeInTheDocument();
  expect(screen.getByText("1 answer")).toBeInTheDocument();
  expect(screen.getByText("2 h 10 min")).toBeInTheDocument();
  await userEvent.click(screen.getByText("7 days"));

  await waitFor(() => expect(calls).toHaveLength(2));
  expect(calls.map(({ path }) => path.split("&time_zone")[0])).toEqual(["reports/mine?from=2030-05-03&to=2030-05-03", "reports/mine?from=2030-04-27&to=2030-05-03"]);
  vi.useRealTimers();
});

it("says why there is nothing to see", async () => {
  serve(() => ({ status: 409, body: { code: 20409, message: "You take no tasks: no worker is linked to your user", status: 409 } }));
  renderAt(<FiguresDialog opened onClose={() => undefined} />);
  expect(await screen.findByText("You take no tasks: no worker is linked to your user")).toBeInTheDocument();
});
