/** What the doctor answers, and how it is told. */
export type Level = "ok" | "warning" | "error";
export type Finding = { check: string; level: Level; text: string; advice: string };
export type Process = { id: string; parts: string; host: string; started_at: string; seen_at: string; version: string };
export type Examination = { level: Level; checked_at: string; findings: Finding[]; processes: Process[] };

const ORDER: Record<Level, number> = { error: 0, warning: 1, ok: 2 };

/** The gravest first; what is equally grave stays in its order. */
export function sorted(findings: Finding[]): Finding[] {
  return [...findings].sort((one, other) => ORDER[one.level] - ORDER[other.level]);
}

/** One sentence for all of it. */
export function summary(findings: Finding[]): string {
  const errors = findings.filter(({ level }) => level === "error").length;
  const warnings = findings.filter(({ level }) => level === "warning").length;
  if (errors === 0 && warnings === 0) return "Nothing is wrong.";
  const parts = [errors > 0 && `${errors} ${errors === 1 ? "thing is" : "things are"} wrong`, warnings > 0 && `${warnings} to look at`];
  return `${parts.filter(Boolean).join(", ")}.`;
}

/** What it means that this browser could, or could not, open the console's socket. */
export function socketFinding(opened: boolean): Finding {
  return opened
    ? { check: "socket of this browser", level: "ok", text: "This browser hears at once what happens", advice: "" }
    : {
        check: "socket of this browser",
        level: "error",
        text: "This browser cannot open a socket: its console sees nothing new by itself",
        advice: "Have the proxy pass WebSockets on (HTTP/1.1, headers Upgrade and Connection), and look for extensions or a firewall that block them.",
      };
}
