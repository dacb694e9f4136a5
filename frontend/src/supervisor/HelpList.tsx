import { Button } from "@mantine/core";
import { IconLifebuoy } from "@tabler/icons-react";
import { useNavigate } from "react-router";

import { acceptHelp, settleHelp, useAct } from "./api";
import { clock, secondsSince } from "./core/text";
import type { Help } from "./types";
import { useNow } from "./useNow";

/** Agents who ask for help, where somebody does. */
export function HelpList({ help }: { help: Help[] }) {
  const now = useNow();
  const navigate = useNavigate();
  const accept = useAct(acceptHelp, (row) => void navigate(`/supervisor/chats/${row.conversation_sid}`));
  const settle = useAct(settleHelp);
  if (help.length === 0) return null;
  return (
    <ul className="help" aria-label="Agents who ask for help">
      {help.map((row) => (
        <li key={row.sid} className="card">
          <IconLifebuoy size={20} stroke={1.7} aria-hidden />
          <div className="help__text">
            <strong>{row.agent}</strong> asks for help
            <span className="help__note">
              {row.note ? `“${row.note}” · ` : ""}
              {clock(secondsSince(row.date_created, now))}
              {row.accepted_by ? ` · ${row.accepted_by} is helping` : ""}
            </span>
          </div>
          {row.accepted_by ? (
            <Button size="xs" variant="default" loading={settle.isPending} onClick={() => settle.mutate(row.sid)}>
              Settled
            </Button>
          ) : (
            <Button size="xs" aria-label={`Help ${row.agent}`} loading={accept.isPending} onClick={() => accept.mutate(row.sid)}>
              Help
            </Button>
          )}
        </li>
      ))}
    </ul>
  );
}
