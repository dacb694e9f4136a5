/** A small catalogue for tests, in the server's shape. */
import type { CatalogueWidget, Definition, State, Transition } from "../api/types";
import { catalogueOf } from "../builder/core/model";

function widget(type: string, title: string, events: [string, string][], properties: CatalogueWidget["schema"] = {}, group = "messaging"): CatalogueWidget {
  return {
    type,
    title,
    group,
    description: `${title}.`,
    channels: ["messaging"],
    runnable: true,
    schema: { type: "object", properties },
    transitions: events.map(([event, label]) => ({ event, label })),
  };
}

export const WIDGETS: CatalogueWidget[] = [
  widget("trigger", "Trigger", [["incomingMessage", "Incoming Message"], ["incomingRequest", "REST API"]], {}, "start"),
  widget("send-message", "Send Message", [["sent", "Sent"], ["failed", "Failed to Send"]], {
    body: { title: "Message", "x-control": "liquid-multiline", type: "string" },
    from: { title: "From", "x-control": "liquid", type: "string", default: "{{flow.channel.address}}" },
  }),
  widget("send-and-wait-for-reply", "Send & Wait for Reply", [["incomingMessage", "Reply"], ["timeout", "No Reply"], ["deliveryFailure", "Delivery Fails"]], {
    body: { title: "Message", "x-control": "liquid-multiline", type: "string" },
    timeout: { title: "Stop waiting after", "x-control": "duration", type: "string", default: "3600" },
  }),
  widget("split-based-on", "Split Based On…", [["match", "Condition"], ["noMatch", "No Condition Matches"]], { input: { title: "Value to test", "x-control": "liquid", type: "string" } }, "logic"),
  widget("set-variables", "Set Variables", [["next", "Next"]], { variables: { title: "Variables", "x-control": "variables", type: "array", default: [] } }, "logic"),
];

export const CATALOGUE = catalogueOf(WIDGETS);

export function widgetOf(type: string): CatalogueWidget {
  const found = CATALOGUE.get(type);
  if (!found) throw new Error(`The test catalogue has no ${type}.`);
  return found;
}

type Exits = Record<string, string | null>;

/** A state whose exits lead where `exits` says. */
export function state(name: string, type: string, exits: Exits = {}, properties: State["properties"] = {}): State {
  return {
    name,
    type,
    transitions: Object.entries(exits).map(([event, next]): Transition => (next ? { event, next } : { event })),
    properties: { offset: { x: 0, y: 0 }, ...properties },
  };
}

/** Trigger → ask → split → (yes) thanks, (else) ask. */
export function story(): Definition {
  return {
    description: "A story",
    initial_state: "Trigger",
    states: [
      state("Trigger", "trigger", { incomingMessage: "ask", incomingRequest: null }),
      state("ask", "send-and-wait-for-reply", { incomingMessage: "split", timeout: null, deliveryFailure: null }, { body: "Yes or no?", timeout: "60", offset: { x: 0, y: 200 } }),
      {
        ...state("split", "split-based-on", {}, { input: "{{widgets.ask.inbound.Body}}", offset: { x: 0, y: 400 } }),
        transitions: [
          { event: "noMatch", next: "ask" },
          { event: "match", next: "thanks", conditions: [{ friendly_name: "If value equal_to yes", arguments: ["{{widgets.ask.inbound.Body}}"], type: "equal_to", value: "yes" }] },
        ],
      },
      state("thanks", "send-message", { sent: null, failed: null }, { body: "You said {{ widgets.ask.inbound.Body | upcase }} {{widgets['ask'].inbound.From}}", offset: { x: 0, y: 600 } }),
    ],
    flags: { allow_concurrent_calls: true },
    "x-extra": { kept: [1, 2] },
  };
}
