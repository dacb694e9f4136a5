import type { Address } from "../api/types";

export type AddressDraft = Omit<Address, "sid" | "flow_name">;

export function draftOf(address: Address | null): AddressDraft {
  if (!address) {
    return { type: "sms", address: "", friendly_name: "", target: "studio", flow_sid: null, webhook_url: null, enabled: true };
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
