/** The requests of one chat: begin it, renew its token, ask how it was. What is said in it goes by the socket. */

import type { Session } from "./store";

export type Ask = typeof fetch;
export type Survey = { question: string; thanks: string; ratings: number[] };

/** What becomes of the wish to begin a chat, or to go on with one. */
export type Begun =
  | { kind: "begun"; session: Session }
  /** There is no chat to go on with. */
  | { kind: "none" }
  /** No answer, or none that will stay: another try may succeed. */
  | { kind: "later" }
  /** `field`: the answer of the form that does not do. */
  | { kind: "refused"; reason: string | null; field: string | null };

export type Wish = {
  deploymentKey: string;
  preEngagement: Record<string, string> | null;
  identityToken: string | null;
  onlyResume: boolean;
};

export async function begin(ask: Ask, server: string, wish: Wish): Promise<Begun> {
  let response: Response;
  let answer: Record<string, unknown>;
  try {
    response = await post(ask, `${server}/webchat/v1/sessions`, {
      deployment_key: wish.deploymentKey,
      ...(wish.preEngagement ? { pre_engagement_data: wish.preEngagement } : {}),
      ...(wish.identityToken ? { identity_token: wish.identityToken } : {}),
      ...(wish.onlyResume ? { is_only_resuming: true } : {}),
    });
    answer = (await response.json().catch(() => ({}))) as Record<string, unknown>;
  } catch {
    return { kind: "later" };
  }
  if (response.status >= 500 || response.status === 429) return { kind: "later" };
  if (wish.onlyResume && response.status === 404) return { kind: "none" };
  if (!response.ok || typeof answer["token"] !== "string") {
    const field = (answer["details"] as { field?: unknown } | undefined)?.field;
    return {
      kind: "refused",
      reason: typeof answer["message"] === "string" ? answer["message"] : null,
      field: typeof field === "string" ? field : null,
    };
  }
  const session: Session = {
    token: answer["token"],
    conversationSid: String(answer["conversation_sid"] ?? ""),
    identity: String(answer["identity"] ?? ""),
    readIndex: -1,
    expiresAt: momentOf(answer["expires_at"]),
  };
  return { kind: "begun", session };
}

/** Get another token for a chat; "over": there is none any more, "later": try again. */
export async function renew(ask: Ask, server: string, token: string): Promise<Pick<Session, "token" | "expiresAt"> | "over" | "later"> {
  try {
    const response = await post(ask, `${server}/webchat/v1/sessions/refresh`, { token });
    if (response.status !== 201) return response.status < 500 ? "over" : "later";
    const answer = (await response.json()) as { token: string; expires_at: string };
    return { token: answer.token, expiresAt: momentOf(answer.expires_at) };
  } catch {
    return "later";
  }
}

/** What the server asks about an ended chat; null for nothing (yet). */
export async function readSurvey(ask: Ask, server: string, token: string): Promise<Survey | null> {
  const answer = await askSurvey(ask, server, token, "GET");
  return (answer?.["survey"] as Survey | null | undefined) ?? null;
}

/** Whether the rating arrived. */
export async function rate(ask: Ask, server: string, token: string, rating: number): Promise<boolean> {
  return (await askSurvey(ask, server, token, "POST", { rating })) !== null;
}

async function askSurvey(ask: Ask, server: string, token: string, method: string, body?: unknown): Promise<Record<string, unknown> | null> {
  try {
    const response = await ask(`${server}/webchat/v1/survey`, {
      method,
      headers: { Authorization: `Bearer ${token}`, ...(body ? { "Content-Type": "application/json" } : {}) },
      body: body ? JSON.stringify(body) : undefined,
    });
    return response.ok ? ((await response.json()) as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

const post = (ask: Ask, url: string, body: unknown) =>
  ask(url, { method: "POST", credentials: "omit", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });

const momentOf = (text: unknown) => Date.parse(String(text ?? "")) || 0;
