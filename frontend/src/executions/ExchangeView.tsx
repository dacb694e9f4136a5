import type { HttpExchange } from "../api/types";
import { prettyBody } from "./steps";

/** One call out: what was asked, what came back or why nothing did. */
export function ExchangeView({ exchange }: { exchange: HttpExchange }) {
  const { method, url, status_code: status, duration_ms: duration } = exchange;
  const good = status !== null && status < 400;
  return (
    <details className="exchange">
      <summary>
        <span className={`exchange__status ${good ? "" : "exchange__status--bad"}`}>{status ?? "no answer"}</span> <strong>{method}</strong> <span className="exchange__url">{url}</span>
        {duration !== null && <span className="exchange__time">{duration} ms</span>}
      </summary>
      <Body title="Request" text={exchange.request_body} none="Without a body" />
      {exchange.error && <p className="step__warning">{exchange.error}</p>}
      {status !== null && <Body title={`Response${exchange.content_type ? `, ${exchange.content_type}` : ""}`} text={exchange.response_body} none="Without a body" />}
    </details>
  );
}

function Body({ title, text, none }: { title: string; text: string | null; none: string }) {
  return (
    <div className="exchange__part">
      <h4>{title}</h4>
      {text ? <pre>{prettyBody(text)}</pre> : <span className="table__sub">{none}</span>}
    </div>
  );
}
