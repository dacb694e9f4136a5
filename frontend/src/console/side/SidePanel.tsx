import { ActionIcon, Tabs } from "@mantine/core";
import { IconApps, IconUser, IconX } from "@tabler/icons-react";
import { useState } from "react";

import type { PanelApp } from "../../api/console-types";
import type { Held } from "../core/model";
import { CustomerPanel } from "../customer/CustomerPanel";
import type { OutboundRequest } from "../outbound/request";
import { AppFrame } from "./AppFrame";

const CUSTOMER = "customer";

type Props = {
  task: Held;
  apps: readonly PanelApp[];
  chosen: string;
  onChoose: (part: string) => void;
  onStart: (request: OutboundRequest) => void;
  onClose: () => void;
};

/** Beside the chat: the customer, and the account's apps. An app that was opened stays, and hears of the next task. */
export function SidePanel({ task, apps, chosen, onChoose, onStart, onClose }: Props) {
  const [opened, setOpened] = useState<readonly string[]>([]);
  const open = apps.some(({ sid }) => sid === chosen) ? chosen : CUSTOMER;
  if (open !== CUSTOMER && !opened.includes(open)) setOpened([...opened, open]);
  if (!apps.length) {
    return (
      <div className="side">
        <CustomerPanel key={task.sid} task={task} onClose={onClose} />
      </div>
    );
  }
  return (
    <div className="side side--apps">
      <div className="side__head">
        <Tabs className="side__tabs" value={open} onChange={(part) => onChoose(part ?? CUSTOMER)}>
          <Tabs.List aria-label="Beside the chat">
            <Tabs.Tab value={CUSTOMER} leftSection={<IconUser size={15} stroke={1.7} aria-hidden />}>
              Customer
            </Tabs.Tab>
            {apps.map(({ sid, name }) => (
              <Tabs.Tab key={sid} value={sid} leftSection={<IconApps size={15} stroke={1.7} aria-hidden />}>
                {name}
              </Tabs.Tab>
            ))}
          </Tabs.List>
        </Tabs>
        {open !== CUSTOMER && (
          <ActionIcon variant="subtle" color="gray" aria-label="Hide the panel" onClick={onClose}>
            <IconX size={18} stroke={1.6} />
          </ActionIcon>
        )}
      </div>
      {open === CUSTOMER && <CustomerPanel key={task.sid} task={task} onClose={onClose} />}
      {apps
        .filter(({ sid }) => opened.includes(sid))
        .map((app) => (
          <AppFrame
            key={app.sid}
            app={app}
            hidden={app.sid !== open}
            reservationSid={task.sid}
            conversationSid={task.conversation?.sid ?? null}
            onStart={onStart}
          />
        ))}
    </div>
  );
}
