import { ActionIcon, Button, Menu, Tooltip } from "@mantine/core";
import { IconArrowsTransferUp, IconDoorExit, IconDots, IconPhoneOff, IconPlayerPause, IconRobot } from "@tabler/icons-react";
import { useState } from "react";

import { useCommand } from "../commands/useCommands";
import type { Held, Model } from "../core/model";
import { useDesk } from "../DeskContext";
import { useClient } from "../useConsole";
import { useRereadWork, useWork, work } from "./api";
import { colleaguesOf } from "./core";
import { EndDialog } from "./EndDialog";
import { HandBackDialog } from "./HandBackDialog";
import { ParkDialog } from "./ParkDialog";
import { tellFailure } from "./telling";
import { TransferDialog } from "./TransferDialog";

type Props = { task: Held; model: Model };
type Open = "end" | "transfer" | "park" | "hand back" | null;

/** What can be done with a task that the agent has, in the head of its chat. */
export function ActionBar({ task, model }: Props) {
  const client = useClient();
  const desk = useDesk();
  const reread = useRereadWork();
  const accepted = task.status === "accepted";
  const { data } = useWork(task.sid, accepted && task.conversation !== null);
  const [open, setOpen] = useState<Open>(null);
  const [busy, setBusy] = useState(false);
  const colleagues = colleaguesOf(data);
  const talks = accepted && task.conversation !== null && task.conversation.state !== "closed";

  const after = async () => {
    await Promise.all([client.refresh(), reread()]);
  };
  const leave = () => {
    setBusy(true);
    work
      .leave(task.sid)
      .then(after, (error: unknown) => {
        tellFailure("You are still in the conversation", error);
        return after();
      })
      .finally(() => setBusy(false));
  };
  useCommand("wrap up", () => setOpen("end"), accepted && open === null);
  useCommand("complete", () => setOpen("end"), accepted && open === null);
  useCommand("transfer", () => setOpen("transfer"), talks && open === null);
  useCommand("park", () => setOpen("park"), talks && open === null && colleagues.length === 0);
  useCommand("hand back", () => setOpen("hand back"), talks && open === null && colleagues.length === 0);

  if (!accepted) return null;
  const gone = async () => {
    setOpen(null);
    desk.leave(task);
    await after();
  };
  const close = () => setOpen(null);
  return (
    <div className="chat__actions">
      {talks && (
        <Button
          variant="default" leftSection={<IconArrowsTransferUp size={16} stroke={1.7} aria-hidden />} onClick={() => setOpen("transfer")}
        >
          Transfer
        </Button>
      )}
      {talks && colleagues.length > 0 && (
        <Tooltip label={`${colleagues.join(", ")} stays with the customer.`}>
          <Button variant="default" loading={busy} leftSection={<IconDoorExit size={16} stroke={1.7} aria-hidden />} onClick={leave}>
            Leave
          </Button>
        </Tooltip>
      )}
      <Button leftSection={<IconPhoneOff size={16} stroke={1.8} aria-hidden />} onClick={() => setOpen("end")}>
        End
      </Button>
      {talks && colleagues.length === 0 && (
        <Menu position="bottom-end" width={250}>
          <Menu.Target>
            <ActionIcon variant="default" size={36} aria-label="More for this conversation">
              <IconDots size={18} stroke={1.7} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item leftSection={<IconPlayerPause size={16} />} onClick={() => setOpen("park")}>
              Park until the customer writes
            </Menu.Item>
            <Menu.Item leftSection={<IconRobot size={16} />} onClick={() => setOpen("hand back")}>
              Hand back to a flow
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      )}
      <EndDialog opened={open === "end"} task={task} model={model} work={data} onClose={close} onEnded={after} onGone={gone} />
      {talks && (
        <>
          <TransferDialog opened={open === "transfer"} task={task} onClose={close} onDone={after} />
          <ParkDialog opened={open === "park"} task={task} model={model} onClose={close} onGone={gone} />
          <HandBackDialog opened={open === "hand back"} task={task} waitingFlow={data?.waiting_flow ?? null} onClose={close} onGone={gone} />
        </>
      )}
    </div>
  );
}
