import { describe, expect, it, vi } from "vitest";

import { serve } from "../testing/render";
import { api, ApiError, setCsrfToken, setSessionLostHandler } from "./client";

describe("the client", () => {
  it("sends JSON, the token with what changes something, and the query without empty values", async () => {
    const calls = serve(() => ({ body: { ok: true } }));
    setCsrfToken("secret");

    await api.get("executions", { query: { status: "active", contact: "", page_token: null } });
    await api.put("flows/FW1/draft", { base_revision: 3 });

    expect(calls.map(({ method, path, body, headers }) => [method, path, body, headers["X-CSRFToken"]])).toEqual([
      ["GET", "executions?status=active", undefined, undefined],
      ["PUT", "flows/FW1/draft", { base_revision: 3 }, "secret"],
    ]);
  });

  it("turns a refusal into an error with everything the server said", async () => {
    serve(() => ({ status: 409, body: { code: 20409, message: "Somebody saved.", status: 409, details: { revision: 4 } } }));

    await expect(api.put("flows/FW1/draft", {})).rejects.toEqual(new ApiError(20409, "Somebody saved.", 409, { revision: 4 }));
  });

  it("has words for a server that fails or cannot be reached", async () => {
    vi.stubGlobal("fetch", () => Promise.resolve(new Response("<html>", { status: 502 })));
    await expect(api.get("flows")).rejects.toMatchObject({ status: 502, message: expect.stringContaining("failed to answer") as string });

    vi.stubGlobal("fetch", () => Promise.reject(new TypeError("network")));
    await expect(api.get("flows")).rejects.toMatchObject({ status: 0, message: expect.stringContaining("cannot be reached") as string });
  });

  it("announces a lost session, except for the session's own calls", async () => {
    const lost = vi.fn();
    setSessionLostHandler(lost);
    serve(() => ({ status: 401, body: { code: 20401, message: "Log in.", status: 401 } }));

    await expect(api.get("session")).rejects.toBeInstanceOf(ApiError);
    expect(lost).not.toHaveBeenCalled();
    await expect(api.get("flows")).rejects.toBeInstanceOf(ApiError);
    expect(lost).toHaveBeenCalledOnce();
  });

  it("answers nothing for 204", async () => {
    serve(() => ({ status: 204 }));
    expect(await api.delete("flows/FW1")).toBeUndefined();
  });
});
