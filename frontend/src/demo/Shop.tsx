import { useEffect } from "react";

/** A shop's page as a customer sees it, with the real web-chat widget in it. */
export function Shop({ deploymentKey }: { deploymentKey: string }) {

  useEffect(() => {
    // The widget mounts once per page and stays; React's second development run finds it there.
    if (document.querySelector("script[data-deployment-key]")) return;
    const script = document.createElement("script");
    script.src = "/webchat.js";
    script.dataset["deploymentKey"] = deploymentKey;
    script.dataset["title"] = "Northwind";
    script.dataset["greeting"] = "Hello! Ask us anything about our tents, boots and trips.";
    script.dataset["accent"] = "#1d6f65";
    script.dataset["container"] = "#shop-window";
    document.head.append(script);
  }, [deploymentKey]);

  return (
    <section className="window" aria-label="A shop's web site">
      <div className="window__bar" aria-hidden="true">
        <i />
        <i />
        <i />
        <span>northwind.example</span>
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
