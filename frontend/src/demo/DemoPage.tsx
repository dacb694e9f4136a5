import { useCallback, useEffect, useState } from "react";

import { readSetup, type Setup } from "./api";
import { numberFrom } from "./core/phone";
import { PhoneView } from "./PhoneView";
import { Shop } from "./Shop";

const storageKey = (type: string) => `flowdesk.demo.number.${type}`;

function storedNumber(type: string): string {
  try {
    const saved = localStorage.getItem(storageKey(type));
    if (saved) return saved;
  } catch {
    // Storage is forbidden: the number lasts as long as the page.
  }
  return newNumber(type);
}

function newNumber(type: string): string {
  const number = numberFrom(Math.random);
  try {
    localStorage.setItem(storageKey(type), number);
  } catch {
    // As above.
  }
  return number;
}

/** Everything a newcomer needs to talk to a flow: a shop's web chat and two phones. */
export function DemoPage() {
  const [setup, setSetup] = useState<Setup | null>(null);
  const [error, setError] = useState<string | null>(null);

  const load = useCallback(() => {
    readSetup().then(
      (answer) => {
        setError(null);
        setSetup(answer);
      },
      (failure: Error) => setError(failure.message),
    );
  }, []);
  useEffect(load, [load]);

  return (
    <div className="demo">
      <header className="demo__head">
        <div>
          <h1>Be the customer</h1>
          <p>
            Open the chat on the shop’s page, or write from one of the phones: a flow answers, asks what you need and
            hands you over. Log in to the console in another window, accept the offer and answer as the agent. Change the
            flow in the builder, publish it, and take “New customer” to try it again.
          </p>
        </div>
        <nav aria-label="Flowdesk">
          <a href="/console" target="_blank" rel="noreferrer">
            Open the console
          </a>
          <a href="/flows" target="_blank" rel="noreferrer">
            Open the builder
          </a>
        </nav>
      </header>
      {error && (
        <div className="demo__error" role="alert">
          <p>The demo could not be opened. {error}</p>
          <button type="button" onClick={load}>
            Try again
          </button>
        </div>
      )}
      {!setup && !error && (
        <p className="demo__loading" role="status">
          Opening the demo…
        </p>
      )}
      {setup && (
        <main className="demo__stage">
          <Shop deploymentKey={setup.deployment_key} />
          {setup.phones.map((line) => (
            <Phone key={line.connection_sid} {...line} />
          ))}
        </main>
      )}
    </div>
  );
}

function Phone({ connection_sid, type, address }: Setup["phones"][number]) {
  const [number, setNumber] = useState(() => storedNumber(type));
  // Channels that mark their addresses ("whatsapp:+1555…") mark the customer's the same way.
  const prefix = /^[a-z]+:/.exec(address)?.[0] ?? "";
  const from = prefix + number;
  return (
    <PhoneView
      key={from}
      connectionSid={connection_sid}
      type={type}
      address={address}
      from={from}
      onNewCustomer={() => setNumber(newNumber(type))}
    />
  );
}
