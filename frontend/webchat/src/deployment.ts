/** What the server tells everybody of a web chat: docs/webchat.md, "Settings". */

export type FormField = {
  name: string;
  label: string;
  type: "text" | "email" | "tel" | "textarea" | "select" | "checkbox";
  required: boolean;
  options: readonly string[];
};

export type FileRules = { types: readonly string[]; max_bytes: number };

export type Deployment = {
  title: string;
  greeting: string;
  accent: string;
  theme: string;
  position: string;
  direction: string;
  launcher: { icon: string; text: string };
  form: readonly FormField[];
  files: FileRules | null;
  /** Whether the opening hours are now. */
  open: boolean;
  opens_at: string | null;
  offline: { mode: "message" | "chat" | "closed"; text: string };
  /** Seconds of waiting after which the customer may leave a message instead. */
  leave_message_after: number | null;
  show_queue: boolean;
  sound: boolean;
  transcript: boolean;
  texts: Record<string, string>;
  identity: "off" | "optional" | "required";
};

/** What holds where the server could not be asked: the chat, and nothing that needs to be allowed. */
export const bareDeployment: Deployment = {
  title: "",
  greeting: "",
  accent: "",
  theme: "auto",
  position: "right",
  direction: "",
  launcher: { icon: "chat", text: "" },
  form: [],
  files: null,
  open: true,
  opens_at: null,
  offline: { mode: "message", text: "" },
  leave_message_after: null,
  show_queue: true,
  sound: false,
  transcript: true,
  texts: {},
  identity: "off",
};

/** The server knows no such web chat, or not for this page. */
export class Refused extends Error {}

const PATIENCE_MS = 5_000;

/**
 * Ask the server for a web chat's settings; one that does not answer gives `bareDeployment`.
 *
 * @throws Refused the key is wrong, or the page's origin is not allowed.
 */
export async function readDeployment(server: string, key: string, language: string, ask: typeof fetch = fetch): Promise<Deployment> {
  const url = `${server}/webchat/v1/deployments/${encodeURIComponent(key)}?lang=${encodeURIComponent(language)}`;
  let response: Response;
  try {
    response = await ask(url, { credentials: "omit", signal: AbortSignal.timeout(PATIENCE_MS) });
    const answer = (await response.json()) as Partial<Deployment> & { message?: string };
    if (response.ok) return { ...bareDeployment, ...answer };
    if (response.status === 403 || response.status === 404) throw new Refused(answer.message);
  } catch (error) {
    if (error instanceof Refused) throw error;
    // Down, or a proxy's page: the chat tries by itself when somebody writes.
  }
  return bareDeployment;
}
