/** Shapes of the people and API-key calls (docs/contracts.md §6). */

export type Role = "admin" | "supervisor" | "agent";

export type Person = {
  sid: string;
  username: string;
  name: string;
  email: string;
  role: Role;
  is_active: boolean;
  worker_sid: string | null;
  skills: string[];
  teams: { sid: string; name: string }[];
  second_factor: boolean;
  has_password: boolean;
  last_login: string | null;
};

export type Team = { sid: string; name: string; members: { sid: string; name: string }[] };

/** `scopes`: what it may do, none: everything. */
export type ApiKey = { sid: string; friendly_name: string; scopes: string[]; last_used: string | null; date_created: string };

export const ROLES: { value: Role; label: string; can: string }[] = [
  { value: "admin", label: "Admin", can: "Draws flows and sets everything up." },
  { value: "supervisor", label: "Supervisor", can: "Reads every conversation, flow and execution." },
  { value: "agent", label: "Agent", can: "Answers customers in the console." },
];

export type PersonDraft = { username: string; name: string; email: string; role: Role; password: string; takes_tasks: boolean; is_active: boolean; skills: string[] };

export function personDraft(person: Person | null): PersonDraft {
  return {
    username: person?.username ?? "",
    name: person && person.name !== person.username ? person.name : "",
    email: person?.email ?? "",
    role: person?.role ?? "agent",
    password: "",
    takes_tasks: person ? person.worker_sid !== null : true,
    is_active: person?.is_active ?? true,
    skills: person?.skills ?? [],
  };
}

/** What is wrong with a draft, by field; a new person needs a password, a known one keeps theirs when it is left empty. */
export function personProblems(draft: PersonDraft, isNew: boolean): Partial<Record<keyof PersonDraft, string>> {
  const problems: Partial<Record<keyof PersonDraft, string>> = {};
  if (!/^[A-Za-z0-9._@+-]{1,150}$/.test(draft.username)) problems.username = "Letters, digits and . _ @ + - only.";
  if ((isNew || draft.password) && draft.password.length < 10) problems.password = "At least 10 characters.";
  if (draft.email && !draft.email.includes("@")) problems.email = "This is no e-mail address.";
  return problems;
}
