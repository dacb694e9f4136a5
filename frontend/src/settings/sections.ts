/** The parts of the settings, in the order and the groups in which they are shown: a new one is one line here. */
import type { ComponentType } from "react";

export type Section = { name: string; label: string; group: string; load: () => Promise<{ Panel: ComponentType }> };

export const SECTIONS: Section[] = [
  { group: "Channels", name: "addresses", label: "Addresses", load: async () => ({ Panel: (await import("./AddressesPanel")).AddressesPanel }) },
  { group: "Channels", name: "connections", label: "Connections", load: async () => ({ Panel: (await import("./channels/ConnectionsPanel")).ConnectionsPanel }) },
  { group: "Channels", name: "undelivered", label: "Undelivered", load: async () => ({ Panel: (await import("./channels/UndeliveredPanel")).UndeliveredPanel }) },
  { group: "Channels", name: "webhooks", label: "Webhooks", load: async () => ({ Panel: (await import("./channels/WebhooksPanel")).WebhooksPanel }) },
  { group: "Channels", name: "webchat", label: "Web chat", load: async () => ({ Panel: (await import("./webchat/WebchatPanel")).WebchatPanel }) },
  { group: "Agents", name: "console", label: "Console", load: () => import("./ConsoleSettingsPanel") },
  { group: "Agents", name: "canned-replies", label: "Canned replies", load: () => import("../canned/RepliesPanel") },
  { group: "Agents", name: "templates", label: "Templates", load: () => import("../canned/TemplatesPanel") },
  { group: "Agents", name: "apps", label: "Side-panel apps", load: () => import("./PanelAppsPanel") },
  { group: "People", name: "people", label: "People", load: async () => ({ Panel: (await import("./PeoplePanel")).PeoplePanel }) },
  { group: "People", name: "teams", label: "Teams", load: async () => ({ Panel: (await import("./TeamsPanel")).TeamsPanel }) },
  { group: "People", name: "sign-in", label: "Sign-in", load: async () => ({ Panel: (await import("./SignInPanel")).SignInPanel }) },
  { group: "People", name: "audit", label: "Audit log", load: async () => ({ Panel: (await import("./AuditPanel")).AuditPanel }) },
  { group: "System", name: "account", label: "Account", load: async () => ({ Panel: (await import("./AccountPanel")).AccountPanel }) },
  { group: "System", name: "keys", label: "API keys", load: async () => ({ Panel: (await import("./ApiKeysPanel")).ApiKeysPanel }) },
  { group: "System", name: "doctor", label: "Doctor", load: async () => ({ Panel: (await import("./DoctorPanel")).DoctorPanel }) },
];

/** The groups in their order, each with its sections. */
export function grouped(sections: Section[]): { group: string; sections: Section[] }[] {
  const groups = new Map<string, Section[]>();
  for (const section of sections) groups.set(section.group, [...(groups.get(section.group) ?? []), section]);
  return [...groups].map(([group, members]) => ({ group, sections: members }));
}
