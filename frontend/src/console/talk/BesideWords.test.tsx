import { render, screen } from "@testing-library/react";
import { expect, it } from "vitest";

import { message } from "../core/fixtures";
import { BesideWords } from "./BesideWords";

it("shows a place, and opens the map elsewhere", () => {
  render(<BesideWords message={message(0, { body: "", place: { latitude: 52.52, longitude: 13.405, name: "Depot", address: "Main St 1" } })} />);

  const link = screen.getByRole("link", { name: "Show Depot on a map" });
  expect(link).toHaveTextContent("Main St 1 · 52.52000, 13.40500");
  expect(link).toHaveAttribute("href", expect.stringContaining("mlat=52.52&mlon=13.405"));
});

it("says what was tapped and what cannot be shown", () => {
  render(<BesideWords message={message(0, { body: "", button: true, unshown: "order" })} />);

  expect(screen.getByText("tapped")).toBeVisible();
  expect(screen.getByText(/kind “order”/)).toBeVisible();
});

it("shows which answers the customer was offered", () => {
  render(<BesideWords message={message(0, { source: "flow", quick_replies: [{ title: "Sales", payload: "1" }, { title: "Help", payload: "2" }] })} />);

  const offered = screen.getByRole("list", { name: "Offered answers" });
  expect([...offered.children].map((each) => each.textContent)).toEqual(["Sales", "Help"]);
});
