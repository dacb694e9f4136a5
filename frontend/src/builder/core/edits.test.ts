import { describe, expect, it } from "vitest";

import { CATALOGUE, state, story, widgetOf } from "../../testing/catalogue";
import { copyText, pasted, withoutSecrets } from "./clipboard";
import { addWidget, connect, insertOnLink, leadToCopies, moveWidgets, pasteStates, reachOf, removeWidgets, renameVariable, renameWidget, replaceType, setProperty, setSplitInput } from "./edits";
import { exitsOf, linksOf, namesOf, stateOf } from "./model";

const named = (definition: ReturnType<typeof story>, name: string) => {
  const found = stateOf(definition, name);
  if (!found) throw new Error(`no ${name}`);
  return found;
};

describe("adding", () => {
  it("makes a widget with its defaults, open exits and a free name", () => {
    const { definition, keys } = addWidget(story(), widgetOf("send-and-wait-for-reply"), { x: 10.4, y: 19.6 });

    expect(keys).toEqual(["ask_2"]);
    expect(named(definition, "ask_2")).toEqual({
      name: "ask_2",
      type: "send-and-wait-for-reply",
      transitions: [{ event: "incomingMessage" }, { event: "timeout" }, { event: "deliveryFailure" }],
      properties: { timeout: "3600", offset: { x: 10, y: 20 } },
    });
  });

  it("keeps what it does not know", () => {
    const before = story();
    const after = addWidget(before, widgetOf("send-message"), { x: 0, y: 0 }).definition;

    expect({ ...after, states: after.states.slice(0, -1) }).toEqual(before);
  });
});

describe("connecting", () => {
  it("leads an exit elsewhere and opens it again without leaving a trace", () => {
    const before = story();
    const led = connect(before, { source: "ask", exit: "t1", target: "thanks" });

    expect(named(led, "ask").transitions[1]).toEqual({ event: "timeout", next: "thanks" });
    expect(connect(led, { source: "ask", exit: "t1", target: null })).toEqual(before);
  });

  it("adds an exit the definition did not list", () => {
    const bare = { initial_state: "a", states: [state("a", "send-message"), state("b", "send-message")] };
    const after = connect(bare, { source: "a", exit: "e:failed", target: "b" });

    expect(named(after, "a").transitions).toEqual([{ event: "failed", next: "b" }]);
  });

  it("puts a widget between two others", () => {
    const added = addWidget(story(), widgetOf("set-variables"), { x: 0, y: 0 }).definition;
    const link = linksOf(added).find((candidate) => candidate.source === "ask");
    const after = insertOnLink(added, link!, "set_variables", CATALOGUE);

    expect(named(after, "ask").transitions[0]).toEqual({ event: "incomingMessage", next: "set_variables" });
    expect(named(after, "set_variables").transitions).toEqual([{ event: "next", next: "split" }]);
  });
});

describe("deleting", () => {
  it("opens the exits that led to it", () => {
    const after = removeWidgets(story(), ["split"], { catalogue: CATALOGUE });

    expect([...namesOf(after)]).toEqual(["Trigger", "ask", "thanks"]);
    expect(named(after, "ask").transitions[0]).toEqual({ event: "incomingMessage" });
  });

  it("joins the neighbours when asked to, over several removed widgets", () => {
    const after = removeWidgets(story(), ["ask", "split"], { reconnect: true, catalogue: CATALOGUE });

    expect(named(after, "Trigger").transitions[0]).toEqual({ event: "incomingMessage", next: "thanks" });
  });

  it("never removes the trigger", () => {
    const before = story();
    expect(removeWidgets(before, ["Trigger"], { catalogue: CATALOGUE })).toBe(before);
  });
});

describe("renaming", () => {
  it("takes links, templates and conditions along", () => {
    const after = renameWidget(story(), "ask", "question");

    expect(named(after, "Trigger").transitions[0]).toEqual({ event: "incomingMessage", next: "question" });
    expect(named(after, "split").properties.input).toBe("{{widgets.question.inbound.Body}}");
    expect(named(after, "split").transitions[1]).toMatchObject({ conditions: [{ arguments: ["{{widgets.question.inbound.Body}}"] }] });
    expect(named(after, "thanks").properties.body).toBe("You said {{ widgets.question.inbound.Body | upcase }} {{widgets['question'].inbound.From}}");
  });

  it("leaves names alone that only begin alike", () => {
    const before = setProperty(story(), "thanks", "body", "{{widgets.ask_again.x}} {{widgets.ask-2.y}} {{widgets.ask.z}}");
    expect(named(renameWidget(before, "ask", "q"), "thanks").properties.body).toBe("{{widgets.ask_again.x}} {{widgets.ask-2.y}} {{widgets.q.z}}");
  });

  it("follows the trigger", () => {
    expect(renameWidget(story(), "Trigger", "Start").initial_state).toBe("Start");
  });

  it("renames the second of two twins without touching the first's links", () => {
    const twins = { initial_state: "a", states: [state("a", "send-message", { sent: "b" }), state("b", "send-message"), state("b", "send-message")] };
    const after = renameWidget(twins, "b~2", "c");

    expect(after.states.map((one) => one.name)).toEqual(["a", "b", "c"]);
    expect(after.states[0]?.transitions).toEqual([{ event: "sent", next: "b" }]);
  });

  it("renames a variable where it is set and read", () => {
    const before = {
      initial_state: "a",
      states: [state("a", "set-variables", {}, { variables: [{ key: "name", value: "x" }] }), state("b", "send-message", {}, { body: "{{flow.variables.name}} {{ flow.variables.names }}" })],
    };
    const after = renameVariable(before, "name", "first_name");

    expect(after.states[0]?.properties.variables).toEqual([{ key: "first_name", value: "x" }]);
    expect(after.states[1]?.properties.body).toBe("{{flow.variables.first_name}} {{ flow.variables.names }}");
  });
});

describe("copying", () => {
  it("gives fresh names, keeps links inside and renames templates inside", () => {
    const before = story();
    const states = pasted(copyText(before, ["ask", "split"]))?.states;
    const { definition, keys } = pasteStates(before, states!, { x: 10, y: 20 });

    expect(keys).toEqual(["ask_2", "split_2"]);
    expect(named(definition, "split_2").properties).toEqual({ input: "{{widgets.ask_2.inbound.Body}}", offset: { x: 10, y: 420 } });
    expect(linksOf(definition).filter((link) => link.source.endsWith("_2")).map((link) => [link.source, link.target])).toEqual([
      ["ask_2", "split_2"],
      ["split_2", "ask_2"],
      ["split_2", "thanks"],
    ]);
  });

  it("leaves secrets out of the clipboard, and templates in", () => {
    const properties = {
      url: "https://ada:pa55@shop.example/{{flow.sid}}?x=a:b@c",
      headers: [
        { key: "Authorization", value: "Bearer 1" }, { key: "X-Api-Key", value: "2" }, { key: "Accept", value: "text/plain" },
        { key: "X-Token", value: "{{flow.variables.token}}" },
      ],
    };
    const call = { ...state("call", "make-http-request"), properties };
    expect(withoutSecrets({ initial_state: "call", states: [call] }).states[0]?.properties).toEqual({
      url: "https://${LOG_IN}@shop.example/{{flow.sid}}?x=a:b@c",
      headers: [
        { key: "Authorization", value: "${AUTHORIZATION}" }, { key: "X-Api-Key", value: "${X_API_KEY}" }, { key: "Accept", value: "text/plain" },
        { key: "X-Token", value: "{{flow.variables.token}}" },
      ],
    });
    expect(withoutSecrets(story())).toEqual(story());
  });

  it("drops links to widgets the other flow does not have", () => {
    const elsewhere = { initial_state: "Trigger", states: [state("Trigger", "trigger")] };
    const { definition } = pasteStates(elsewhere, pasted(copyText(story(), ["split"]))!.states, { x: 0, y: 0 });

    expect(linksOf(definition)).toEqual([]);
  });

  it("carries what led there, and leads what is open or led to the original to the copy", () => {
    const before = story();
    const clip = pasted(copyText(before, ["split"]))!;
    expect(clip.incoming).toEqual([{ source: "ask", exit: "t0", target: "split" }]);
    const { definition } = pasteStates(before, clip.states, { x: 0, y: 0 });
    const copies = new Map([["split", "split_2"]]);

    expect(named(leadToCopies(definition, clip.incoming, copies), "ask").transitions[0]?.next).toBe("split_2");
    const cut = connect(definition, { source: "ask", exit: "t0", target: null });
    expect(named(leadToCopies(cut, clip.incoming, copies), "ask").transitions[0]?.next).toBe("split_2");
    const elsewhere = connect(definition, { source: "ask", exit: "t0", target: "thanks" });
    expect(leadToCopies(elsewhere, clip.incoming, copies)).toBe(elsewhere);
    expect(leadToCopies(definition, [{ source: "nobody", exit: "t0", target: "split" }], copies)).toBe(definition);
  });

  it("reads whole definitions, lists and single widgets, and nothing else", () => {
    expect(pasted(JSON.stringify(story()))?.states).toHaveLength(4);
    expect(pasted(JSON.stringify([state("a", "send-message")]))?.states).toHaveLength(1);
    expect(pasted(JSON.stringify({ name: "a", type: "send-message" }))?.states).toEqual([{ name: "a", type: "send-message", properties: {}, transitions: [] }]);
    expect(pasted("hello")).toBeNull();
    expect(pasted("{broken")).toBeNull();
    expect(pasted('{"states": [{"name": 3}]}')).toBeNull();
  });
});

describe("the rest", () => {
  it("moves in whole units and keeps the other offset properties", () => {
    const before = setProperty(story(), "ask", "offset", { x: 1, y: 2, z: 3 });
    expect(named(moveWidgets(before, new Map([["ask", { x: 5.6, y: 7.2 }]])), "ask").properties.offset).toEqual({ x: 6, y: 7, z: 3 });
  });

  it("replaces a type and keeps exits of the same event", () => {
    const after = replaceType(story(), "ask", widgetOf("send-message"));
    expect(named(after, "ask")).toMatchObject({ type: "send-message", transitions: [{ event: "sent", next: "split" }, { event: "failed" }] });
    expect(named(after, "ask").properties.offset).toEqual({ x: 0, y: 200 });
  });

  it("writes the tested value of a split into its conditions, too", () => {
    const after = named(setSplitInput(story(), "split", "{{x}}"), "split");
    expect(after.properties.input).toBe("{{x}}");
    expect(after.transitions[1]).toMatchObject({ conditions: [{ arguments: ["{{x}}"] }] });
  });

  it("finds what comes before and after", () => {
    expect(reachOf(story(), ["split"], "down").sort()).toEqual(["ask", "split", "thanks"]);
    expect(reachOf(story(), ["thanks"], "up").sort()).toEqual(["Trigger", "ask", "split", "thanks"]);
  });

  it("draws conditions first and no match last", () => {
    expect(exitsOf(named(story(), "split"), CATALOGUE).map((exit) => exit.id)).toEqual(["t1", "t0"]);
  });
});
