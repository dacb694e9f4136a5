import { Alert, Button, Divider, Stack, Text, Title } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import { Navigate, useSearchParams } from "react-router";

import { BrandMark } from "./BrandMark";
import { LoginForm } from "./LoginForm";
import { homeOf, useSessionState } from "./session";

/** `next` may only name a page of this application. */
export function safeNext(next: string | null): string | null {
  return next && /^\/(?![/\\])/.test(next) && !next.startsWith("/login") ? next : null;
}

/** Where a provider's button leads: back to the wanted page afterwards. */
function ssoUrl(url: string, next: string | null): string {
  const wanted = safeNext(next);
  return wanted ? `${url}?next=${encodeURIComponent(wanted)}` : url;
}

export function LoginPage() {
  useDocumentTitle("Log in · Flowdesk");
  const { session, providers } = useSessionState();
  const [search] = useSearchParams();
  const refusal = search.get("error");
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
        {refusal && (
          <Alert color="clay" variant="light" role="alert" mb="md">
            {refusal.slice(0, 300)}
          </Alert>
        )}
        <LoginForm />
        {providers.length > 0 && (
          <>
            <Divider label="or" my="md" />
            <Stack gap="xs">
              {providers.map((provider) => (
                <Button key={provider.url} component="a" href={ssoUrl(provider.url, search.get("next"))} variant="default" fullWidth>
                  Log in with {provider.name}
                </Button>
              ))}
            </Stack>
          </>
        )}
      </section>
    </main>
  );
}
