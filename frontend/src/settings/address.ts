import type { Address, Connection } from "../api/types";

export type Sender = Pick<Connection, "type" | "address">;

const keyOf = (of: Sender) => `${of.type} ${of.address}`;

/** The senders that no address answers for. */
export function unanswered(connections: Connection[], addresses: Address[]): Connection[] {
  const answered = new Set(addresses.map(keyOf));
  return connections.filter((connection) => !answered.has(keyOf(connection)));
}

/** Whether something can be sent from an address. */
export function hasSender(address: Sender, connections: Connection[]): boolean {
  return connections.some((connection) => connection.status === "active" && keyOf(connection) === keyOf(address));
}

export type AddressDraft = Omit<Address, "sid" | "flow_name">;

/** `sender`: a connection that nothing answers yet. */
export function draftOf(address: Address | null, sender: Sender | null = null): AddressDraft {
  if (!address) {
    return { type: sender?.type ?? "sms", address: sender?.address ?? "", friendly_name: "", target: "studio", flow_sid: null, webhook_url: null, enabled: true };
  }
  const { sid: _sid, flow_name: _name, ...draft } = address;
  return draft;
}

/** What keeps a draft from being saved, by field. */
export function addressProblems(draft: AddressDraft): Partial<Record<keyof AddressDraft, string>> {
  const problems: Partial<Record<keyof AddressDraft, string>> = {};
  if (!draft.address.trim()) problems.address = "Fill in the address customers write to.";
  if (draft.target === "studio" && !draft.flow_sid) problems.flow_sid = "Choose the flow that answers.";
  if (draft.target === "webhook" && !/^https?:\/\/\S+/.test(draft.webhook_url ?? "")) problems.webhook_url = "Fill in a web address that begins with https://.";
  return problems;
}
