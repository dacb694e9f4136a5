/** Tells supervisors on every page that an agent asks for help; mounted once, in the shell. */
import { Button } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useEffect, useRef } from "react";
import { useLocation, useNavigate } from "react-router";

import { useSession } from "../app/session";
import { acceptHelp, useHelp } from "./api";
import { isMuted } from "./core/muted";
import { useFloor } from "./floor";

export function HelpAlerts() {
  const { user } = useSession();
  return user.role === "agent" ? null : <Alerts />;
}

function Alerts() {
  useFloor();
  const navigate = useNavigate();
  // The supervisors' own pages list them, and there a pop-up would cover what they are about.
  const isListed = useLocation().pathname.startsWith("/supervisor");
  const { data } = useHelp(true);
  const told = useRef(new Set<string>());
  useEffect(() => {
    const open = new Set((data ?? []).filter(({ accepted_by }) => !accepted_by).map(({ sid }) => sid));
    for (const sid of [...told.current]) {
      if (open.has(sid) && !isListed) continue;
      told.current.delete(sid);
      notifications.hide(`help-${sid}`);
    }
    for (const row of data ?? []) {
      if (isListed || !open.has(row.sid) || told.current.has(row.sid) || isMuted()) continue;
      told.current.add(row.sid);
      const go = () => {
        notifications.hide(`help-${row.sid}`);
        acceptHelp(row.sid).then(
          () => navigate(`/supervisor/chats/${row.conversation_sid}`),
          (error: Error) => notifications.show({ color: "clay", title: "Not done", message: error.message }),
        );
      };
      notifications.show({
        id: `help-${row.sid}`,
        color: "clay",
        autoClose: false,
        closeButtonProps: { "aria-label": "Not now" },
        title: `${row.agent} asks for help`,
        message: (
          <>
            {row.note && <span>{row.note} </span>}
            <Button size="compact-xs" variant="default" onClick={go}>
              Help now
            </Button>
          </>
        ),
      });
    }
  }, [data, navigate, isListed]);
  return null;
}
