import "./profile.css";

import { Button, Text, Title } from "@mantine/core";

import { BrandMark } from "../app/BrandMark";
import { useSessionState } from "../app/session";
import { SecondFactorSetup } from "./SecondFactorSetup";

/** Stands in place of every screen until somebody who has to set a second factor up has done so. */
export function EnrolPage() {
  const { logOut } = useSessionState();
  return (
    <main className="login">
      <section className="login__card" aria-labelledby="enrol-title">
        <div className="login__brand">
          <BrandMark size={40} />
          <span>Flowdesk</span>
        </div>
        <Title order={1} size="h3" id="enrol-title">
          Set up your second factor
        </Title>
        <Text size="sm" c="dimmed" mb="lg">
          Your account asks for a code of an app on your phone besides the password.
        </Text>
        <SecondFactorSetup onDone={() => window.location.reload()} />
        <Button variant="subtle" color="gray" mt="lg" onClick={() => void logOut()}>
          Log out
        </Button>
      </section>
    </main>
  );
}
