/** Who is logged in; logging in and out; what happens when the session ends under an open page. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { createContext, use, useEffect, useState, type ReactNode } from "react";

import { api, ApiError, setCsrfToken, setSessionLostHandler } from "../api/client";
import type { OfferedProvider, Role, SecondFactorAsked, Session } from "../api/types";

type SessionState = {
  /** null: nobody is logged in. */
  session: Session | null;
  /** True while an open page lost its session: the page stays, a dialog asks for the password. */
  lost: boolean;
  /** Other systems that people may log in by. */
  providers: OfferedProvider[];
  /** Answers null where a second factor is asked for, which `giveCode` brings. */
  logIn: (credentials: { username: string; password: string }) => Promise<Session | null>;
  giveCode: (code: string) => Promise<Session>;
  logOut: () => Promise<void>;
};

/** Given by `SessionProvider`, and by tests. */
export const SessionContext = createContext<SessionState | null>(null);

const SESSION = ["session"];

function tokenOf(error: ApiError): string | null {
  const details = error.details;
  if (details && typeof details === "object" && "csrf_token" in details) return String(details.csrf_token);
  return null;
}

type Found = { session: Session | null; providers: OfferedProvider[] };

function providersOf(error: ApiError): OfferedProvider[] {
  const details = error.details as { providers?: OfferedProvider[] } | null;
  return details?.providers ?? [];
}

async function readSession(): Promise<Found> {
  try {
    const session = await api.get<Session>("session");
    setCsrfToken(session.csrf_token);
    return { session, providers: [] };
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) {
      const token = tokenOf(error);
      if (token) setCsrfToken(token);
      return { session: null, providers: providersOf(error) };
    }
    throw error;
  }
}

type Props = {
  children: ReactNode;
  loading: ReactNode;
  failed: (error: Error, retry: () => void) => ReactNode;
};

export function SessionProvider({ children, loading, failed }: Props) {
  const client = useQueryClient();
  const [lost, setLost] = useState(false);
  const query = useQuery({ queryKey: SESSION, queryFn: readSession, staleTime: Infinity, retry: 1 });
  const logIn = useMutation({
    mutationFn: (credentials: { username: string; password: string }) => api.post<Session | SecondFactorAsked>("session", credentials),
  });
  const giveCode = useMutation({ mutationFn: (code: string) => api.post<Session>("session/second-factor", { code }) });

  useEffect(() => {
    setSessionLostHandler(() => {
      // The refused call's own page is kept; a fresh token makes the next log-in possible.
      void readSession().then(({ session }) => setLost(session === null));
    });
  }, []);

  if (query.isPending) return loading;
  if (query.isError) return failed(query.error, () => void query.refetch());

  const before = query.data.session;
  const enter = async (session: Session) => {
    setCsrfToken(session.csrf_token);
    // Another person's page may not keep what this one had loaded.
    if (before && before.user.sid !== session.user.sid) window.location.reload();
    client.setQueryData<Found>(SESSION, { session, providers: [] });
    setLost(false);
    await client.invalidateQueries({ predicate: (entry) => entry.queryKey[0] !== SESSION[0] });
    return session;
  };
  const state: SessionState = {
    session: before,
    providers: query.data.providers,
    lost: lost && before !== null,
    logIn: async (credentials) => {
      const answer = await logIn.mutateAsync(credentials);
      setCsrfToken(answer.csrf_token);
      return "second_factor" in answer ? null : enter(answer);
    },
    giveCode: async (code) => enter(await giveCode.mutateAsync(code)),
    logOut: async () => {
      await api.delete("session");
      // A full load drops every cached answer and fetches a fresh CSRF token.
      window.location.assign("/login");
    },
  };
  return <SessionContext value={state}>{children}</SessionContext>;
}

export function useSessionState(): SessionState {
  const state = use(SessionContext);
  if (!state) throw new Error("useSessionState needs a SessionProvider above it.");
  return state;
}

/** The logged-in session; only below the routes that require one. */
export function useSession(): Session {
  const { session } = useSessionState();
  if (!session) throw new Error("This screen is only reached by somebody who is logged in.");
  return session;
}

export function homeOf(role: Role): string {
  return { admin: "/flows", supervisor: "/supervisor", agent: "/console" }[role];
}
