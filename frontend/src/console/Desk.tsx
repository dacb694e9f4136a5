import { Modal } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconHeadset } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useNavigate, useParams } from "react-router";

import type { CannedReply, StoredPreferences } from "../api/console-types";
import { useSession, useSessionState } from "../app/session";
import { EmptyState, ErrorState, LoadingState } from "../app/states";
import { RepliesPanel } from "../canned/RepliesPanel";
import { requests, type Answer } from "./api/requests";
import { ConsoleClient } from "./client";
import { KeysDialog } from "./commands/KeysDialog";
import { Palette, type Entry } from "./commands/Palette";
import { ShortcutSheet } from "./commands/ShortcutSheet";
import { Commands, CommandsContext, useCommand, useCommandKeys } from "./commands/useCommands";
import { readAlerts } from "./core/alerting";
import { chordOf, COMMANDS, readKeymap, type CommandId } from "./core/commands";
import type { Held, Model } from "./core/model";
import { forgetDraft, keepFor, settings as storedSettings } from "./core/storage";
import { attentionCount, customerName, listView, neighbour, nextUnread, offersOf, shownTasks, tasksOf } from "./core/tasks";
import { findReplies } from "./core/variables";
import { DeskContext, type DeskActions } from "./DeskContext";
import { AlertsDialog } from "./list/AlertsDialog";
import { FiguresDialog } from "./list/FiguresDialog";
import { ListHead, useSetActivity } from "./list/ListHead";
import { MissedCard } from "./list/MissedCard";
import { NotifyHint } from "./list/NotifyHint";
import { OfferCard } from "./list/OfferCard";
import { TaskList } from "./list/TaskList";
import { addressOf } from "./outbound/request";
import { reloadForApps } from "./side/protocol";
import { SidePanel } from "./side/SidePanel";
import { ChatPanel } from "./talk/ChatPanel";
import { DeskFoot } from "./work/DeskFoot";
import { MacroDialog } from "./work/MacroDialog";
import { useAlerts } from "./useAlerts";
import { ClientContext, useMedia, useModel } from "./useConsole";

type Dialog = "sheet" | "keys" | "palette" | "alerts" | "replies" | "figures";

/** The console of a worker: one client for as long as the page is open. */
export function Desk() {
  const { user } = useSession();
  const [client] = useState(() => {
    keepFor(user.sid);
    return new ConsoleClient({ requests });
  });
  const [commands] = useState(() => new Commands());
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
      <CommandsContext value={commands}>
        <Columns client={client} commands={commands} />
      </CommandsContext>
    </ClientContext>
  );
}

/** The areas side by side: list, chat, customer and apps (docs/contracts.md, "The console's areas"). */
function Columns({ client, commands }: { client: ConsoleClient; commands: Commands }) {
  const model = useModel();
  const navigate = useNavigate();
  const wide = useMedia("(min-width: 1200px)");
  const chosen = useParams()["*"] || null;
  const [settings, setSettings] = useState(storedSettings.read);
  const [panelOpen, setPanelOpen] = useState(false);
  const [dialog, setDialog] = useState<Dialog | null>(null);
  const [macro, setMacro] = useState<CannedReply | null>(null);
  const setActivity = useSetActivity();

  const { keymap, alerts, view, panel } = usePreferences(model);
  const tasks = tasksOf(model);
  const shown = shownTasks(model, view);
  const offers = offersOf(model);
  const task = tasks.find((held) => held.sid === chosen) ?? null;
  const customerShown = wide ? settings.customerPanel : panelOpen;
  const offline = model.socket === "lost" && !model.reachable;
  const activity = model.activities.find(({ sid }) => sid === model.worker?.activity_sid);

  useCommandKeys(commands, keymap);
  // Where the agent goes, from the moment of asking: the router shows it a little later, and what ends meanwhile must not
  // lead elsewhere. Each going is a value of its own, since asking for the place one is at is a choice, too.
  const heading = useRef({ to: chosen });
  const ahead = useRef<(string | null)[]>([]);
  useEffect(() => {
    const at = ahead.current.lastIndexOf(chosen);
    // What `select` did not ask for: a link, or the browser's back.
    if (at < 0 && heading.current.to !== chosen) heading.current = { to: chosen };
    ahead.current.splice(0, at < 0 ? ahead.current.length : at + 1);
  }, [chosen]);
  const select = useCallback(
    (sid: string | null) => {
      if (sid !== heading.current.to) ahead.current.push(sid);
      heading.current = { to: sid };
      void navigate(sid ? `/console/${sid}` : "/console");
    },
    [navigate],
  );
  const { tell, said } = useAlerts({ alerts, showsText: model.settings.shows_text, offers: offers.length, onOpen: select });
  useEffect(() => client.onNews(tell), [client, tell]);

  const attention = attentionCount(model);
  useEffect(() => {
    document.title = `${attention ? `(${attention}) ` : ""}Console · Flowdesk`;
  }, [attention]);

  const { phase } = model;
  useEffect(() => {
    // Whoever has just logged in has a page that was made for nobody, and may frame nothing. Later ones are told of new apps.
    if (phase === "ready") reloadForApps(client.getModel().apps);
  }, [client, phase]);

  const prefer = (parts: StoredPreferences) => {
    client.savePreferences(parts).catch((error: unknown) => {
      const message = error instanceof Error ? error.message : "Try again.";
      notifications.show({ position: "top-right", title: "Your choice was not kept", message, color: "clay" });
    });
  };
  const toggleCustomer = () => {
    if (!wide) return setPanelOpen(!panelOpen);
    const next = { ...settings, customerPanel: !settings.customerPanel };
    setSettings(next);
    storedSettings.write(next);
  };
  // Read when the task is done, not when it was asked for: meanwhile the agent may have gone elsewhere.
  const latest = useRef(shown);
  useEffect(() => {
    latest.current = shown;
  });
  const leave = (held: Held) => {
    if (held.conversation) forgetDraft(held.conversation.sid);
    if (held.sid !== heading.current.to) return;
    const next = neighbour(latest.current, held.sid, 1);
    select(next === held.sid || !window.matchMedia("(min-width: 760px)").matches ? null : next);
  };
  const answer = async (held: Held, status: Answer, outcome?: string) => {
    const from = heading.current;
    try {
      await client.answer(held.sid, status, outcome);
      // Whoever has gone on meanwhile is not called back.
      if (status === "accepted" && heading.current === from) select(held.sid);
      if (status === "completed") leave(held);
    } catch (error) {
      const message = error instanceof Error ? error.message : "Try again.";
      notifications.show({ position: "top-right", title: `${customerName(held)}: that did not work`, message, color: "clay" });
    }
  };
  const actions: DeskActions = { select, answer, leave, runMacro: setMacro, toggleCustomer, customerShown, offline };

  const offer = offers[0];
  useCommand("accept", () => void (offer && answer(offer, "accepted")), offer !== undefined);
  useCommand("reject", () => void (offer && answer(offer, "rejected")), offer !== undefined);
  useCommand("next", () => select(neighbour(shown, chosen, 1)), shown.length > 0);
  useCommand("previous", () => select(neighbour(shown, chosen, -1)), shown.length > 0);
  useCommand("next unread", () => select(nextUnread(tasks, chosen) ?? chosen), tasks.length > 0);
  useCommand("customer", toggleCustomer, task !== null);
  useCommand("help", () => setDialog("sheet"));
  useCommand("palette", () => setDialog("palette"));
  useCommand("alerts", () => setDialog("alerts"));
  useCommand("keys", () => setDialog("keys"));
  useCommand("replies", () => setDialog("replies"));
  useCommand("figures", () => setDialog("figures"), model.worker !== null);

  const talks = task?.status === "accepted" && task.conversation !== null && task.conversation.state !== "closed";
  const macros = useMacros(dialog === "palette" && talks, task?.conversation?.channel_type ?? "");

  if (model.phase === "loading") return <LoadingState tall label="Opening the console" />;
  if (model.phase === "failed") {
    const error = new Error(model.failure ?? "");
    return <ErrorState tall title="The console could not be opened" error={error} onRetry={() => void client.refresh()} />;
  }

  const chordFor = (id: CommandId) => chordOf(COMMANDS.find((command) => command.id === id)!, keymap);
  const entries: Entry[] = [
    ...tasks.map((held) => ({ id: held.sid, label: customerName(held), group: "Go to", run: () => select(held.sid) })),
    ...model.activities
      .filter(({ sid }) => sid !== model.worker?.activity_sid)
      .map(({ sid, name }) => ({ id: sid, label: name, group: "Activity", run: () => void setActivity(sid) })),
    ...macros.map((reply) => ({ id: reply.sid, label: `/${reply.shortcode}`, group: "Macro", run: () => setMacro(reply) })),
    ...(task ? model.apps : []).map(({ sid, name }) => ({
      id: sid, label: name, group: "App",
      run: () => {
        prefer({ panel: { open: sid } });
        if (!customerShown) toggleCustomer();
      },
    })),
  ];

  return (
    <DeskContext value={actions}>
      <div className={`desk ${task ? "desk--chat" : ""} ${task && customerShown ? "desk--customer" : ""}`}>
        <div className="desk__list">
          {!task && <h1 className="visually-hidden">Console</h1>}
          <ListHead model={model} keymap={keymap} />
          {model.socket === "lost" && (
            <p className="desk__offline" role="status">
              {offline
                ? "No connection. What you write is kept and sent when it is back."
                : "Live updates are interrupted. The console refreshes itself every few seconds."}
            </p>
          )}
          <NotifyHint />
          {(offers.length > 0 || model.missed.length > 0) && (
            <div className="desk__offers">
              {offers.map((each, at) => (
                <OfferCard
                  key={each.sid}
                  offer={each}
                  clockSkew={model.clockSkew}
                  chords={at === 0 ? { accept: chordFor("accept"), reject: chordFor("reject") } : null}
                  onAnswer={answer}
                />
              ))}
              {model.missed.map((missed) => (
                <MissedCard
                  key={missed.offer.sid} missed={missed} model={model} onActivity={setActivity} onClose={() => client.forgetMissed(missed.offer.sid)}
                />
              ))}
            </div>
          )}
          <div className="desk__tasks">
            <TaskList
              model={model}
              view={view}
              selected={task?.sid ?? null}
              available={activity?.available ?? false}
              onView={(part) => prefer({ list: { ...view, ...part } })}
              onSelect={select}
            />
          </div>
          <DeskFoot />
        </div>
        <div className="desk__main">
          {task ? (
            <ChatPanel key={task.sid} task={task} model={model} />
          ) : (
            <EmptyState tall icon={<IconHeadset size={26} stroke={1.6} />} title={tasks.length ? "Choose a task" : "Nothing to answer"}>
              {tasks.length
                ? "Your tasks stand at the left. The colour tells who has been waiting longest."
                : "When a customer needs a person, the offer appears at the left."}
            </EmptyState>
          )}
        </div>
        {task && customerShown && (
          <SidePanel
            task={task}
            apps={model.apps}
            chosen={panel}
            onChoose={(open) => prefer({ panel: { open } })}
            onStart={(request) => void navigate(addressOf(request))}
            onClose={toggleCustomer}
          />
        )}
        <ShortcutSheet opened={dialog === "sheet"} keymap={keymap} onClose={() => setDialog(null)} onChange={() => setDialog("keys")} />
        <KeysDialog opened={dialog === "keys"} keymap={keymap} onSave={(next) => prefer({ keymap: { ...next } })} onClose={() => setDialog(null)} />
        <AlertsDialog opened={dialog === "alerts"} alerts={alerts} onSave={(next) => prefer({ alerts: { ...next } })} onClose={() => setDialog(null)} />
        <FiguresDialog opened={dialog === "figures"} onClose={() => setDialog(null)} />
        <Palette opened={dialog === "palette"} keymap={keymap} entries={entries} onClose={() => setDialog(null)} />
        <Modal opened={dialog === "replies"} onClose={() => setDialog(null)} size="xl" title="Canned replies" closeButtonProps={{ "aria-label": "Close" }}>
          <RepliesPanel scope="personal" />
        </Modal>
        {macro && talks && <MacroDialog key={macro.sid} reply={macro} task={task} model={model} onClose={() => setMacro(null)} />}
        <div className="visually-hidden" aria-live="polite">
          {said.polite}
        </div>
        <div className="visually-hidden" aria-live="assertive">
          {said.urgent}
        </div>
      </div>
    </DeskContext>
  );
}

/** The macros for a channel, while they can be chosen. */
function useMacros(enabled: boolean, channel: string): CannedReply[] {
  const replies = useQuery({ queryKey: ["canned-replies"], queryFn: requests.readReplies, staleTime: 60_000, enabled });
  return enabled ? findReplies(replies.data ?? [], "", channel).filter(({ steps }) => steps.length) : [];
}

/** What the user has chosen, read with care: an older or newer console may have written it. */
function usePreferences({ preferences }: Model) {
  return useMemo(
    () => ({
      keymap: readKeymap(preferences.keymap),
      alerts: readAlerts(preferences.alerts),
      view: listView(preferences.list),
      panel: typeof preferences.panel?.["open"] === "string" ? preferences.panel["open"] : "customer",
    }),
    [preferences],
  );
}
