/** What the last execution knew: the values that completion, previews and a start in the middle show. */
import { useQuery } from "@tanstack/react-query";

import { api } from "../api/client";
import type { JsonObject, Sample } from "../api/types";
import { useBuilder } from "./context";

/** The newest execution that came by a widget, else the newest of all; null while unknown, or where none ran. */
export function useSample(widget = ""): Sample | null {
  const sid = useBuilder((state) => state.meta.sid);
  const query = useQuery({
    queryKey: ["flow", sid, "sample", widget],
    queryFn: () => api.get<{ sample: Sample | null }>(`flows/${sid}/sample${widget ? `?widget=${encodeURIComponent(widget)}` : ""}`),
    staleTime: 60_000,
    retry: false,
  });
  return query.data?.sample ?? null;
}

/** A context without what is each execution's own: its addresses and SIDs. */
export function contextAt(context: JsonObject): JsonObject {
  const { contact: _contact, ...rest } = context;
  const flow = rest.flow && typeof rest.flow === "object" && !Array.isArray(rest.flow) ? rest.flow : {};
  const { sid: _sid, flow_sid: _flowSid, channel: _channel, ...kept } = flow;
  return { ...rest, flow: kept };
}
