import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { describe, expect, it } from "vitest";

import { renderAt } from "../../testing/render";
import { FormEditor } from "./FormEditor";
import { linesOf, nameOf, policyOf, scriptTag, type Field } from "./settings";

describe("a question's name", () => {
  it.each([
    ["Your name", [], "your_name"],
    ["Größe (cm)", [], "groe_cm"],
    ["2nd address", [], "nd_address"],
    ["名前", [], "field"],
    ["Name", ["name", "name_2"], "name_3"],
  ])("of %s beside %j is %s", (label, taken, name) => {
    expect(nameOf(label, taken)).toBe(name);
  });
});

it("writes what is to be copied", () => {
  const script_url = "https://desk.example/webchat.js";

  expect(scriptTag({ script_url, deployment_key: "K" })).toBe(`<script src="${script_url}" data-deployment-key="K" async></script>`);
  expect(policyOf(script_url)).toBe(
    "script-src https://desk.example; connect-src https://desk.example wss://desk.example; img-src https://desk.example",
  );
  expect(linesOf(" a \n\nb")).toEqual(["a", "b"]);
});

it("moves a question together with its choices", async () => {
  const start: Field[] = [
    { name: "a", label: "A", type: "select", required: false, options: ["one", "two"] },
    { name: "b", label: "B", type: "select", required: false, options: ["three"] },
  ];
  function Stage() {
    const [fields, setFields] = useState(start);
    return <FormEditor fields={fields} most={12} onChange={setFields} />;
  }
  renderAt(<Stage />);

  await userEvent.click(screen.getByRole("button", { name: "Move question 2 up" }));

  expect(screen.getAllByLabelText("Choices, one a line").map((field) => (field as HTMLTextAreaElement).value)).toEqual(["three", "one\ntwo"]);
});
