import { ActionIcon, Badge, Button, Group, Menu, Tooltip, UnstyledButton } from "@mantine/core";
import {
  IconAlertCircle,
  IconArrowBackUp,
  IconArrowForwardUp,
  IconBraces,
  IconChartSankey,
  IconChevronLeft,
  IconCircleCheck,
  IconCloudCheck,
  IconCloudOff,
  IconCloudUp,
  IconCommand,
  IconDots,
  IconDownload,
  IconHistory,
  IconKeyboard,
  IconLayoutSidebar,
  IconListTree,
  IconLock,
  IconMessages,
  IconNote,
  IconSearch,
  IconSettings,
  IconSitemap,
} from "@tabler/icons-react";
import { Link } from "react-router";

import { useBuilderActions } from "./actions-context";
import { COMMANDS, keysFor, keyText, toggleSimulator } from "./commands";
import { useBuilder, useBuilderStore } from "./context";
import { palette } from "./palette-store";
import { Others } from "./presence/Others";
import { problemCount } from "./ProblemsPanel";
import { saveDraft } from "./saving";
import type { SaveState } from "./store";
import { useUi, useUiStore } from "./ui";

function SaveStatus({ save }: { save: SaveState }) {
  const looks = {
    saved: [IconCloudCheck, "Saved"],
    changed: [IconCloudUp, "Not saved yet"],
    saving: [IconCloudUp, "Saving…"],
    failed: [IconCloudOff, "Not saved"],
    conflict: [IconCloudOff, "Conflict"],
  } as const;
  const [StatusIcon, text] = looks[save.kind];
  return (
    <Tooltip label={save.kind === "failed" ? `${save.message} Trying again shortly.` : "Drafts are saved by themselves."} multiline maw={320}>
      <span className={`save-status save-status--${save.kind}`} role="status">
        <StatusIcon size={17} stroke={1.7} aria-hidden />
        <span>{text}</span>
      </span>
    </Tooltip>
  );
}

/** Name and state of the flow at the left, everything that concerns the whole flow at the right. */
export function TopBar() {
  const store = useBuilderStore();
  const ui = useUiStore();
  const actions = useBuilderActions();
  const keymap = useUi((state) => state.keymap);
  const hint = (text: string, id: string) => {
    const [keys] = COMMANDS.filter((command) => command.id === id).flatMap((command) => keysFor(command, keymap));
    return keys ? `${text} (${keyText(keys).join(" ")})` : text;
  };
  const meta = useBuilder((state) => state.meta);
  const save = useBuilder((state) => state.save);
  const past = useBuilder((state) => state.history.past.at(-1));
  const next = useBuilder((state) => state.history.future[0]);
  const problems = useBuilder((state) => state.problems);
  const left = useUi((state) => state.left);
  const problemsOpen = useUi((state) => state.problemsOpen);
  const simulatorOpen = useUi((state) => state.simulatorOpen);
  const trafficOpen = useUi((state) => state.trafficOpen);
  const errors = problems.filter((problem) => problem.severity === "error").length;
  const published = meta.publishedRevision !== null;
  const set = ui.getState().set;

  return (
    <header className="topbar">
      <Group gap={4} wrap="nowrap">
        <Tooltip label="All flows">
          <ActionIcon component={Link} to="/flows" variant="subtle" color="gray" size={34} aria-label="All flows">
            <IconChevronLeft size={19} />
          </ActionIcon>
        </Tooltip>
        <Tooltip label={hint("Widgets", "palette")}>
          <ActionIcon variant={left === "add" ? "light" : "subtle"} color={left === "add" ? "petrol" : "gray"} size={34} aria-label="Widgets panel" aria-pressed={left === "add"} onClick={() => set({ left: left === "add" ? null : "add" })}>
            <IconLayoutSidebar size={18} stroke={1.7} />
          </ActionIcon>
        </Tooltip>
        <Tooltip label={hint("Outline", "outline")}>
          <ActionIcon variant={left === "outline" ? "light" : "subtle"} color={left === "outline" ? "petrol" : "gray"} size={34} aria-label="Outline panel" aria-pressed={left === "outline"} onClick={() => set({ left: left === "outline" ? null : "outline" })}>
            <IconListTree size={18} stroke={1.7} />
          </ActionIcon>
        </Tooltip>
      </Group>

      <div className="topbar__flow">
        <UnstyledButton className="topbar__name" title="Flow settings" onClick={() => set({ dialog: "settings" })}>
          <h1>{meta.friendlyName}</h1>
        </UnstyledButton>
        <span className="topbar__meta">
          <Badge size="sm" variant="light" color={meta.status === "published" ? "petrol" : "gray"}>
            {meta.status === "published" ? "Published" : published ? "Draft" : "Never published"}
          </Badge>
          <span className="topbar__revision">
            revision {meta.revision}
            {published && meta.status !== "published" ? `, live ${meta.publishedRevision}` : ""}
          </span>
          <SaveStatus save={save} />
        </span>
      </div>

      <Others />
      <Group gap={4} wrap="nowrap" className="topbar__tools">
        <Tooltip label={past ? `Undo: ${past.label}` : "Nothing to undo"}>
          <ActionIcon variant="subtle" color="gray" size={34} aria-label="Undo" disabled={!past} onClick={actions.undo}>
            <IconArrowBackUp size={19} stroke={1.7} />
          </ActionIcon>
        </Tooltip>
        <Tooltip label={next ? `Redo: ${next.label}` : "Nothing to redo"}>
          <ActionIcon variant="subtle" color="gray" size={34} aria-label="Redo" disabled={!next} onClick={actions.redo}>
            <IconArrowForwardUp size={19} stroke={1.7} />
          </ActionIcon>
        </Tooltip>
        <Tooltip label={hint("Find", "find")}>
          <ActionIcon variant="subtle" color="gray" size={34} aria-label="Find" onClick={() => set({ findOpen: true })}>
            <IconSearch size={18} stroke={1.7} />
          </ActionIcon>
        </Tooltip>
        <Tooltip label={hint("Tidy up", "tidy")}>
          <ActionIcon variant="subtle" color="gray" size={34} aria-label="Tidy up" onClick={actions.tidy}>
            <IconSitemap size={18} stroke={1.7} />
          </ActionIcon>
        </Tooltip>
        <Tooltip label="History">
          <ActionIcon variant="subtle" color="gray" size={34} aria-label="History" onClick={() => set({ dialog: "revisions" })}>
            <IconHistory size={18} stroke={1.7} />
          </ActionIcon>
        </Tooltip>
        <Tooltip label={hint("Counts on the connections", "traffic")}>
          <ActionIcon variant={trafficOpen ? "light" : "subtle"} color={trafficOpen ? "petrol" : "gray"} size={34} aria-label="Counts" aria-pressed={trafficOpen} onClick={() => set({ trafficOpen: !trafficOpen })}>
            <IconChartSankey size={18} stroke={1.7} />
          </ActionIcon>
        </Tooltip>
        <Menu position="bottom-end" width={220}>
          <Menu.Target>
            <ActionIcon variant="subtle" color="gray" size={34} aria-label="More">
              <IconDots size={18} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item leftSection={<IconSettings size={16} />} onClick={() => set({ dialog: "settings" })}>
              Flow settings
            </Menu.Item>
            <Menu.Item leftSection={<IconBraces size={16} />} onClick={() => set({ dialog: "json" })}>
              Definition as JSON
            </Menu.Item>
            <Menu.Item leftSection={<IconDownload size={16} />} component="a" href={`/app/v1/flows/${meta.sid}/export`} download>
              Export
            </Menu.Item>
            <Menu.Item leftSection={<IconNote size={16} />} onClick={actions.writeNote}>
              Add a note
            </Menu.Item>
            <Menu.Item leftSection={<IconCommand size={16} />} onClick={palette.open}>
              All commands
            </Menu.Item>
            <Menu.Item leftSection={<IconKeyboard size={16} />} onClick={() => set({ dialog: "shortcuts" })}>
              Keyboard shortcuts
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
        <Tooltip label={hint("Problems", "problems")}>
          <UnstyledButton
            className={`problems-button ${errors ? "problems-button--error" : problems.length ? "problems-button--warning" : ""}`}
            aria-pressed={problemsOpen}
            aria-label={`Problems: ${problems.length || "OK"}, ${problemCount(errors, problems.length - errors)}`}
            onClick={() => set({ problemsOpen: !problemsOpen })}
          >
            {problems.length ? <IconAlertCircle size={17} stroke={1.8} aria-hidden /> : <IconCircleCheck size={17} stroke={1.8} aria-hidden />}
            <span>{problems.length || "OK"}</span>
          </UnstyledButton>
        </Tooltip>
        <Tooltip label={hint("Try the flow", "simulator")}>
          <Button variant={simulatorOpen ? "light" : "default"} size="xs" h={34} aria-pressed={simulatorOpen} leftSection={<IconMessages size={16} stroke={1.7} />} onClick={() => toggleSimulator(ui)}>
            Simulator
          </Button>
        </Tooltip>
        <Button variant="default" size="xs" h={34} disabled={save.kind === "saved"} loading={save.kind === "saving"} onClick={() => void saveDraft(store)}>
          Save draft
        </Button>
        {/* It opens all the same: the dialog says what stands in the way, and what would change. */}
        <Tooltip label={errors ? `Not yet: ${problemCount(errors, 0)} to repair` : hint("Publish", "publish")} events={{ hover: true, focus: true, touch: false }}>
          <Button size="xs" h={34} variant={errors ? "default" : "filled"} leftSection={errors ? <IconLock size={15} stroke={1.8} aria-hidden /> : undefined} onClick={() => set({ dialog: "publish" })}>
            Publish
          </Button>
        </Tooltip>
      </Group>
    </header>
  );
}
