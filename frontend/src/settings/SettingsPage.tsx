import "./settings.css";

import { Tabs, Title } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import { useNavigate, useParams } from "react-router";

import { AddressesPanel } from "./AddressesPanel";
import { ApiKeysPanel } from "./ApiKeysPanel";
import { ConnectionsPanel } from "./ConnectionsPanel";
import { PeoplePanel } from "./PeoplePanel";

const SECTIONS = ["addresses", "connections", "people", "keys"] as const;

/** What is set up once: which flow answers which address, and the senders behind them. */
export function SettingsPage() {
  useDocumentTitle("Settings · Flowdesk");
  const { section } = useParams();
  const navigate = useNavigate();
  const open = SECTIONS.find((name) => name === section) ?? "addresses";
  return (
    <div className="page">
      <header className="page__head">
        <div className="page__title">
          <Title order={1} size="h2">
            Settings
          </Title>
        </div>
      </header>
      <Tabs value={open} onChange={(name) => void navigate(`/settings/${name}`)} keepMounted={false}>
        <Tabs.List mb="lg">
          <Tabs.Tab value="addresses">Addresses</Tabs.Tab>
          <Tabs.Tab value="connections">Connections</Tabs.Tab>
          <Tabs.Tab value="people">People</Tabs.Tab>
          <Tabs.Tab value="keys">API keys</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="addresses">
          <AddressesPanel />
        </Tabs.Panel>
        <Tabs.Panel value="connections">
          <ConnectionsPanel />
        </Tabs.Panel>
        <Tabs.Panel value="people">
          <PeoplePanel />
        </Tabs.Panel>
        <Tabs.Panel value="keys">
          <ApiKeysPanel />
        </Tabs.Panel>
      </Tabs>
    </div>
  );
}
