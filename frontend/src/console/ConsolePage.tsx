import "./styles/list.css";
import "./styles/chat.css";
import "./styles/composer.css";
import "./styles/customer.css";
import "./styles/dialogs.css";
import "./styles/work.css";
import "./styles/narrow.css";

import { IconHeadsetOff } from "@tabler/icons-react";

import { useSession } from "../app/session";
import { EmptyState } from "../app/states";
import { Desk } from "./Desk";

/** Where agents answer. Somebody who takes no tasks is told so. */
export function ConsolePage() {
  const { user } = useSession();
  if (user.worker_sid) return <Desk />;
  return (
    <EmptyState tall icon={<IconHeadsetOff size={26} stroke={1.6} />} title="You do not take tasks">
      Your user is not a worker, so no task is ever offered to you.{" "}
      {user.role === "admin" ? "Log in as an agent to see the console at work." : "Ask an administrator to make you one."}
    </EmptyState>
  );
}
