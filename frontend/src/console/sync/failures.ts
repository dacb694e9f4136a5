import { ApiError } from "../../api/client";

/** No answer at all, as opposed to one that says no. */
export function isNetwork(error: unknown): boolean {
  return !(error instanceof ApiError) || error.status === 0;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : "Something went wrong.";
}
