import { Button } from "@mantine/core";
import { IconMessagePlus } from "@tabler/icons-react";
import { useState } from "react";
import { useNavigate, useParams, useSearchParams } from "react-router";

import { useCommand } from "../commands/useCommands";
import { useClient } from "../useConsole";
import { OutboundDialog, type Begun } from "./OutboundDialog";
import { emptyRequest, readRequest, type OutboundRequest } from "./request";

/** The way to a conversation that the agent begins: a button, a command, or the link `/console/start?…`. */
export function StartConversation() {
  const client = useClient();
  const navigate = useNavigate();
  const linked = useParams()["*"] === "start";
  const [search] = useSearchParams();
  const [asked, setAsked] = useState<OutboundRequest | null>(null);
  const request = linked ? readRequest(search) : asked;
  useCommand("start", () => setAsked(emptyRequest), request === null);

  const close = () => {
    setAsked(null);
    if (linked) void navigate("/console", { replace: true });
  };
  const begun = async ({ reservation_sid }: Begun) => {
    setAsked(null);
    await client.refresh();
    void navigate(reservation_sid ? `/console/${reservation_sid}` : "/console", { replace: linked });
  };
  return (
    <div className="desk__start">
      <Button fullWidth variant="default" leftSection={<IconMessagePlus size={17} stroke={1.7} aria-hidden />} onClick={() => setAsked(emptyRequest)}>
        Start a conversation
      </Button>
      <OutboundDialog key={linked ? search.toString() : "asked"} request={request} onClose={close} onBegun={(made) => void begun(made)} />
    </div>
  );
}
