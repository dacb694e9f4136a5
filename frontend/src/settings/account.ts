/** Shapes of the calls about the account, its audit log and its identity providers (docs/contracts.md §6). */
import type { Role } from "./people";

export type SecondFactorRule = "none" | "admins" | "all";

export type Account = { sid: string; name: string; time_zone: string; second_factor: SecondFactorRule; time_zones: string[] };

export type AuditEntry = {
  at: string;
  actor: string;
  actor_name: string;
  action: string;
  subject: string;
  subject_name: string;
  changes: Record<string, unknown>;
};

export type IdentityProvider = {
  sid: string;
  slug: string;
  name: string;
  issuer: string;
  client_id: string;
  new_user_role: Role | "";
  domains: string[];
  enabled: boolean;
  callback_url: string;
};

export type ProviderDraft = Omit<IdentityProvider, "sid" | "callback_url"> & { client_secret: string };

export const RULES: { value: SecondFactorRule; label: string }[] = [
  { value: "none", label: "Whoever wants to" },
  { value: "admins", label: "Admins and supervisors" },
  { value: "all", label: "Everybody" },
];

export function providerDraft(provider: IdentityProvider | null): ProviderDraft {
  return {
    slug: provider?.slug ?? "",
    name: provider?.name ?? "",
    issuer: provider?.issuer ?? "",
    client_id: provider?.client_id ?? "",
    client_secret: "",
    new_user_role: provider?.new_user_role ?? "",
    domains: provider?.domains ?? [],
    enabled: provider?.enabled ?? true,
  };
}

export function providerProblems(draft: ProviderDraft, isNew: boolean): Partial<Record<keyof ProviderDraft, string>> {
  const problems: Partial<Record<keyof ProviderDraft, string>> = {};
  if (!/^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/.test(draft.slug)) problems.slug = "Small letters, digits and hyphens only.";
  if (!draft.name.trim()) problems.name = "What the button on the log-in page says.";
  if (!/^https?:\/\/\S+$/.test(draft.issuer)) problems.issuer = "An address that begins with https://";
  if (!draft.client_id.trim()) problems.client_id = "The provider shows it beside the secret.";
  if (isNew && !draft.client_secret) problems.client_secret = "The provider shows it once.";
  return problems;
}

/** What an entry's changes say, in one line: `name: Mia, role: admin`. */
export function changesInWords(changes: Record<string, unknown>): string {
  return Object.entries(changes)
    .map(([name, value]) => `${name.replaceAll("_", " ")}: ${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join(", ");
}
