import { render, screen } from "@testing-library/react";
import { expect, it } from "vitest";

import { Tree } from "./Tree";

it("shows what there is, and in one line what is empty", () => {
  render(<Tree value={{ Body: "hello", To: null, channel: { address: "+1", sid: null, label: null }, list: [] }} />);

  expect(screen.getAllByRole("listitem").map((item) => item.textContent)).toEqual([
    "Body hello", "channeladdress +1null: sid, label", "address +1", "null: sid, label", "listempty", "null: To",
  ]);
});
