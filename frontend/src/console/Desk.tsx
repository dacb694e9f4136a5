import { ActionIcon, Menu, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconBell, IconBellOff, IconDots, IconHeadset, IconKeyboard, IconVolume, IconVolumeOff } from "@tabler/icons-react";
import { useCallback, useEffect, useState } from "react";
import { useNavigate, useParams } from "react-router";

import { useSessionState } from "../app/session";
import { EmptyState, ErrorState, LoadingState } from "../app/states";
import { ActivityPicker } from "./ActivityPicker";
import { notificationPermission } from "./alerts";
import { requests, type Answer } from "./api/requests";
import { ChatPanel } from "./ChatPanel";
import { ConsoleClient } from "./client";
import type { Held } from "./core/model";
import type { Command } from "./core/shortcuts";
import { drafts, settings as storedSettings } from "./core/storage";
import { attentionCount, customerName, neighbour, nextUnread, offersOf, tasksOf } from "./core/tasks";
import { CustomerPanel } from "./CustomerPanel";
import { OfferCard } from "./OfferCard";
import { ShortcutSheet } from "./ShortcutSheet";
import { TaskList } from "./TaskList";
import { useAlerts } from "./useAlerts";
import { ClientContext, useMedia, useModel } from "./useConsole";
import { useShortcuts } from "./useShortcuts";

/** The console of a worker: one client for as long as the page is open. */
export function Desk() {
  const [client] = useState(() => new ConsoleClient({ requests }));
  const { lost } = useSessionState();

  useEffect(() => {
    client.start();
    return () => client.stop();
  }, [client]);
  useEffect(() => {
    // Logged in again: read what happened meanwhile.
    if (!lost) void client.refresh();
  }, [client, lost]);

  return (
    <ClientContext value={client}>
      <Columns client={client} />
    </ClientContext>
  );
}

function Columns({ client }: { client: ConsoleClient }) {
  const model = useModel();
  const navigate = useNavigate();
  const wide = useMedia("(min-width: 1200px)");
  const chosen = useParams()["*"] || null;
  const [settings, setSettings] = useState(storedSettings.read);
  const [panelOpen, setPanelOpen] = useState(false);
  const [sheetOpen, setSheetOpen] = useState(false);
  const [permission, setPermission] = useState(notificationPermission);

  const tasks = tasksOf(model);
  const offers = offersOf(model);
  const task = tasks.find((held) => held.sid === chosen) ?? null;
  const customerShown = wide ? settings.customerPanel : panelOpen;
  const offline = model.socket === "lost" && !model.reachable;
  const activity = model.activities.find(({ sid }) => sid === model.worker?.activity_sid);

  const select = useCallback((sid: string | null) => void navigate(sid ? `/console/${sid}` : "/console"), [navigate]);
  const { tell, said } = useAlerts(settings.sound, select);
  useEffect(() => client.onNews(tell), [client, tell]);

  const attention = attentionCount(model);
  useEffect(() => {
    document.title = `${attention ? `(${attention}) ` : ""}Console · Flowdesk`;
  }, [attention]);

  const change = (part: Partial<typeof settings>) => {
    const next = { ...settings, ...part };
    setSettings(next);
    storedSettings.write(next);
  };
  const toggleCustomer = () => (wide ? change({ customerPanel: !settings.customerPanel }) : setPanelOpen(!panelOpen));

  const answer = async (held: Held, status: Answer, outcome?: string) => {
    try {
      await client.answer(held.sid, status, outcome);
      if (status === "accepted") select(held.sid);
      if (status !== "completed") return;
      if (held.conversation) drafts.write(held.conversation.sid, "");
      const next = neighbour(tasks, held.sid, 1);
      if (held.sid === chosen) select(next === held.sid || !window.matchMedia("(min-width: 760px)").matches ? null : next);
    } catch (error) {
      const message = error instanceof Error ? error.message : "Try again.";
      notifications.show({ position: "top-right", title: `${customerName(held)}: that did not work`, message, color: "clay" });
    }
  };
  const setActivity = async (sid: string) => {
    try {
      await client.setActivity(sid);
    } catch (error) {
      const message = error instanceof Error ? error.message : "Try again.";
      notifications.show({ position: "top-right", title: "Your activity was not changed", message, color: "clay" });
    }
  };

  useShortcuts((command: Command) => {
    const offer = offers[0];
    switch (command) {
      case "accept":
        return void (offer && answer(offer, "accepted"));
      case "reject":
        return void (offer && answer(offer, "rejected"));
      case "next":
        return select(neighbour(tasks, chosen, 1));
      case "previous":
        return select(neighbour(tasks, chosen, -1));
      case "next unread":
        return select(nextUnread(tasks, chosen) ?? chosen);
      case "message":
        return document.getElementById("composer")?.focus();
      case "wrap up":
        return document.getElementById("wrap-up")?.click();
      case "complete":
        return document.getElementById("complete")?.click();
      case "customer":
        return toggleCustomer();
      case "activity":
        return document.getElementById("activity")?.focus();
      case "help":
        return setSheetOpen(true);
    }
  });

  if (model.phase === "loading") return <LoadingState tall label="Opening the console" />;
  if (model.phase === "failed") {
    const error = new Error(model.failure ?? "");
    return <ErrorState tall title="The console could not be opened" error={error} onRetry={() => void client.refresh()} />;
  }

  return (
    <div className={`desk ${task ? "desk--chat" : ""} ${task && customerShown ? "desk--customer" : ""}`}>
      <div className="desk__list">
        {!task && <h1 className="visually-hidden">Console</h1>}
        <header className="desk__head">
          {model.worker && (
            <ActivityPicker worker={model.worker} activities={model.activities} clockSkew={model.clockSkew} onChange={setActivity} />
          )}
          <Menu position="bottom-end" width={250}>
            <Menu.Target>
              <ActionIcon variant="subtle" color="gray" size={36} aria-label="Console settings">
                <IconDots size={19} stroke={1.7} />
              </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item
                leftSection={settings.sound ? <IconVolume size={16} /> : <IconVolumeOff size={16} />}
                onClick={() => change({ sound: !settings.sound })}
              >
                {settings.sound ? "Sounds are on" : "Sounds are off"}
              </Menu.Item>
              <Menu.Item
                disabled={permission !== "default"}
                leftSection={permission === "granted" ? <IconBell size={16} /> : <IconBellOff size={16} />}
                onClick={() => void Notification.requestPermission().then(setPermission)}
              >
                {NOTIFICATIONS[permission]}
              </Menu.Item>
              <Menu.Divider />
              <Menu.Item leftSection={<IconKeyboard size={16} />} rightSection={<Text size="xs">?</Text>} onClick={() => setSheetOpen(true)}>
                Keyboard shortcuts
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
        </header>
        {model.socket === "lost" && (
          <p className="desk__offline" role="status">
            {offline
              ? "No connection. What you write is kept and sent when it is back."
              : "Live updates are interrupted. The console refreshes itself every few seconds."}
          </p>
        )}
        {offers.length > 0 && (
          <div className="desk__offers">
            {offers.map((offer) => (
              <OfferCard key={offer.sid} offer={offer} clockSkew={model.clockSkew} onAnswer={answer} />
            ))}
          </div>
        )}
        <div className="desk__tasks">
          <TaskList model={model} selected={task?.sid ?? null} available={activity?.available ?? false} onSelect={select} />
        </div>
      </div>
      <div className="desk__main">
        {task ? (
          <ChatPanel
            key={task.sid}
            task={task}
            model={model}
            offline={offline}
            onMove={answer}
            onBack={() => select(null)}
            onCustomer={toggleCustomer}
            customerShown={customerShown}
          />
        ) : (
          <EmptyState tall icon={<IconHeadset size={26} stroke={1.6} />} title={tasks.length ? "Choose a task" : "Nothing to answer"}>
            {tasks.length
              ? "Your tasks stand at the left. The colour tells who has been waiting longest."
              : "When a customer needs a person, the offer appears at the left."}
          </EmptyState>
        )}
      </div>
      {task && customerShown && <CustomerPanel key={task.sid} task={task} onClose={toggleCustomer} />}
      <ShortcutSheet opened={sheetOpen} onClose={() => setSheetOpen(false)} />
      <div className="visually-hidden" aria-live="polite">
        {said.polite}
      </div>
      <div className="visually-hidden" aria-live="assertive">
        {said.urgent}
      </div>
    </div>
  );
}

const NOTIFICATIONS = {
  default: "Allow desktop notifications",
  granted: "Desktop notifications are on",
  denied: "Notifications are blocked by the browser",
  unsupported: "This browser has no notifications",
} as const;
