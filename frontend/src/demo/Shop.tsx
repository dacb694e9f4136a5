import { useEffect, useState } from "react";

import { readIdentity } from "./api";

type Look = { theme: "light" | "dark"; dir: "ltr" | "rtl"; isLoggedIn: boolean };

/** A shop's page as a customer sees it, with the real web-chat widget in it. */
export function Shop({ deploymentKey }: { deploymentKey: string }) {
  const [look, setLook] = useState<Look>({ theme: "light", dir: "ltr", isLoggedIn: false });
  const [problem, setProblem] = useState("");

  useEffect(() => {
    // The widget mounts once per page and stays; React's second development run finds it there.
    if (document.querySelector("script[data-deployment-key]")) return;
    const script = document.createElement("script");
    script.src = "/webchat.js";
    script.dataset["deploymentKey"] = deploymentKey;
    script.dataset["container"] = "#shop-window";
    document.head.append(script);
  }, [deploymentKey]);

  const change = (what: Partial<Look>) => {
    const next = { ...look, ...what };
    setLook(next);
    setProblem("");
    const { theme, dir } = next;
    window.FlowdeskWebChat?.configure({ theme, dir, open: "" });
  };
  const logIn = async () => {
    try {
      const token = look.isLoggedIn ? null : (await readIdentity()).token;
      setLook({ ...look, isLoggedIn: token !== null });
      window.FlowdeskWebChat?.identify(token);
    } catch (error) {
      setProblem(error instanceof Error ? error.message : "Logging in failed.");
    }
  };

  return (
    <section className="window" aria-label="A shop's web site">
      <div className="window__bar" aria-hidden="true">
        <i />
        <i />
        <i />
        <span>northwind.example</span>
      </div>
      <div className="window__tools" role="group" aria-label="Try the chat">
        <button type="button" aria-pressed={look.theme === "dark"} onClick={() => change({ theme: look.theme === "dark" ? "light" : "dark" })}>
          Dark
        </button>
        <button type="button" aria-pressed={look.dir === "rtl"} onClick={() => change({ dir: look.dir === "rtl" ? "ltr" : "rtl" })}>
          Right to left
        </button>
        <button type="button" aria-pressed={look.isLoggedIn} onClick={() => void logIn()}>
          Logged in as Eva
        </button>
        {problem && <span role="alert">{problem}</span>}
      </div>
      <div className="window__page" id="shop-window">
        <div className="shop">
          <div className="shop__nav" aria-hidden="true">
            <strong>Northwind</strong>
            <span>Tents</span>
            <span>Boots</span>
            <span>Trips</span>
          </div>
          <div className="shop__hero">
            <h2>Sleep where the map ends.</h2>
            <p>Light tents, dry boots, honest advice. Our people answer within minutes: press the button at the corner.</p>
          </div>
          <ul className="shop__goods">
            {GOODS.map(({ name, price, tone }) => (
              <li key={name}>
                <span className={`shop__picture shop__picture--${tone}`} aria-hidden="true" />
                <strong>{name}</strong>
                <span>{price}</span>
              </li>
            ))}
          </ul>
        </div>
      </div>
    </section>
  );
}

const GOODS = [
  { name: "Fjell 2 tent", price: "€ 389", tone: "dusk" },
  { name: "Bracken boots", price: "€ 179", tone: "moss" },
  { name: "Lantern No. 4", price: "€ 59", tone: "sand" },
];
