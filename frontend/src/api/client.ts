/**
 * The one place that talks to the server: `/app/v1`, session cookie, CSRF token, JSON.
 * docs/contracts.md §6 is the list of calls; `types.ts` holds their shapes.
 */

export class ApiError extends Error {
  /** `code` 0 and `status` 0: no answer at all (offline, server down). */
  constructor(
    readonly code: number,
    message: string,
    readonly status: number,
    readonly details: unknown = null,
  ) {
    super(message);
    this.name = "ApiError";
  }
}

const BASE = "/app/v1/";

let token = "";
let onSessionLost: () => void = () => undefined;

/** Keep the token that `GET session` answers (a 401 carries one too, in its details). */
export function setCsrfToken(given: string): void {
  token = given;
}

/** For the few requests that do not go through `api`. */
export function csrfToken(): string {
  return token;
}

/** Called on every 401 except those of logging in itself. */
export function setSessionLostHandler(handler: () => void): void {
  onSessionLost = handler;
}

type Options = {
  body?: unknown;
  query?: Record<string, string | number | undefined | null>;
  signal?: AbortSignal;
  keepalive?: boolean;
};

function address(path: string, query: Options["query"]): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query ?? {})) {
    if (value !== undefined && value !== null && value !== "") search.set(key, String(value));
  }
  const tail = search.toString();
  return BASE + path + (tail ? `?${tail}` : "");
}

async function errorOf(response: Response): Promise<ApiError> {
  const fallback =
    response.status >= 500
      ? "The server failed to answer this request. Try again in a moment."
      : `The server refused the request (${response.status}).`;
  try {
    const data = (await response.json()) as { code?: number; message?: string; details?: unknown };
    return new ApiError(data.code ?? 0, data.message ?? fallback, response.status, data.details ?? null);
  } catch {
    return new ApiError(0, fallback, response.status);
  }
}

async function send<T>(method: string, path: string, options: Options = {}): Promise<T> {
  const headers: Record<string, string> = { Accept: "application/json" };
  if (options.body !== undefined) headers["Content-Type"] = "application/json";
  if (method !== "GET") headers["X-CSRFToken"] = token;
  let response: Response;
  try {
    response = await fetch(address(path, options.query), {
      method,
      headers,
      credentials: "same-origin",
      body: options.body === undefined ? undefined : JSON.stringify(options.body),
      signal: options.signal,
      keepalive: options.keepalive,
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ApiError(0, "The server cannot be reached. Check the connection and try again.", 0);
  }
  if (!response.ok) {
    const error = await errorOf(response);
    if (response.status === 401 && !path.startsWith("session")) onSessionLost();
    throw error;
  }
  if (response.status === 204) return undefined as T;
  return (await response.json()) as T;
}

export const api = {
  get: <T>(path: string, options?: Options) => send<T>("GET", path, options),
  post: <T>(path: string, body?: unknown, options?: Options) => send<T>("POST", path, { ...options, body }),
  put: <T>(path: string, body?: unknown, options?: Options) => send<T>("PUT", path, { ...options, body }),
  delete: <T = void>(path: string, options?: Options) => send<T>("DELETE", path, options),
};
