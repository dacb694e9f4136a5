import { Text, Title } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import { Navigate, useSearchParams } from "react-router";

import { BrandMark } from "./BrandMark";
import { LoginForm } from "./LoginForm";
import { homeOf, useSessionState } from "./session";

/** `next` may only name a page of this application. */
export function safeNext(next: string | null): string | null {
  return next && /^\/(?![/\\])/.test(next) && !next.startsWith("/login") ? next : null;
}

export function LoginPage() {
  useDocumentTitle("Log in · Flowdesk");
  const { session } = useSessionState();
  const [search] = useSearchParams();
  if (session) return <Navigate to={safeNext(search.get("next")) ?? homeOf(session.user.role)} replace />;
  return (
    <main className="login">
      <section className="login__card" aria-labelledby="login-title">
        <div className="login__brand">
          <BrandMark size={40} />
          <span>Flowdesk</span>
        </div>
        <Title order={1} size="h3" id="login-title">
          Log in
        </Title>
        <Text size="sm" c="dimmed" mb="lg">
          Flows, conversations and the people who answer them.
        </Text>
        <LoginForm />
      </section>
    </main>
  );
}
