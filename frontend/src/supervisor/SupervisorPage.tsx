import "./supervisor.css";

import { Badge, ScrollArea, Tabs, Title } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import { useNavigate, useParams } from "react-router";

import { AgentsPanel } from "./AgentsPanel";
import { ChatsPanel } from "./ChatsPanel";
import { Monitor } from "./Monitor";
import { useHelp } from "./api";
import { WallboardPanel } from "./WallboardPanel";

const SECTIONS = [
  { name: "wallboard", label: "Wallboard" },
  { name: "agents", label: "Agents" },
  { name: "chats", label: "Conversations" },
] as const;

/** The floor as it is now, and the means to steer it. */
export function SupervisorPage() {
  useDocumentTitle("Supervisor · Flowdesk");
  const { section, sid } = useParams();
  const navigate = useNavigate();
  const help = useHelp(true);
  const open = SECTIONS.find(({ name }) => name === section)?.name ?? "wallboard";
  const asked = help.data?.filter(({ accepted_by }) => !accepted_by).length ?? 0;
  return (
    <div className="page supervisor">
      <header className="page__head">
        <Title order={1} size="h2" className="page__title">
          Supervisor
        </Title>
      </header>
      <Tabs value={open} onChange={(name) => void navigate(`/supervisor/${name}`)} keepMounted={false}>
        <ScrollArea type="never" mb="lg">
          <Tabs.List className="supervisor__tabs" aria-label="Parts of the floor">
            {SECTIONS.map(({ name, label }) => (
              <Tabs.Tab
                key={name}
                value={name}
                rightSection={
                  name === "chats" && asked > 0 ? (
                    <Badge size="sm" color="clay" variant="light" aria-label={`${asked} asking for help`}>
                      {asked}
                    </Badge>
                  ) : undefined
                }
              >
                {label}
              </Tabs.Tab>
            ))}
          </Tabs.List>
        </ScrollArea>
        <Tabs.Panel value="wallboard">
          <WallboardPanel />
        </Tabs.Panel>
        <Tabs.Panel value="agents">
          <AgentsPanel />
        </Tabs.Panel>
        <Tabs.Panel value="chats">
          <ChatsPanel onOpen={(conversation) => void navigate(`/supervisor/chats/${conversation}`)} />
        </Tabs.Panel>
      </Tabs>
      {sid?.startsWith("CH") && <Monitor key={sid} sid={sid} onClose={() => void navigate(`/supervisor/${open}`)} />}
    </div>
  );
}
