import { Modal, Radio, Select, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import type { Held } from "../core/model";
import { ActForm } from "./ActForm";
import { work } from "./api";

type Props = { opened: boolean; task: Held; waitingFlow: string | null; onClose: () => void; onGone: () => Promise<void> };

/** Give the customer back to the flow that handed over, or to another one. */
export function HandBackDialog({ opened, task, waitingFlow, onClose, onGone }: Props) {
  const flows = useQuery({ queryKey: ["console-flows"], queryFn: work.flows, enabled: opened });
  const [goesOn, setGoesOn] = useState(true);
  const [flow, setFlow] = useState<string | null>(null);
  const starts = waitingFlow === null || !goesOn;

  const give = async () => {
    await work.handBack(task.sid, starts ? flow : null);
    await onGone();
  };

  return (
    <Modal opened={opened} onClose={onClose} title="Hand back to a flow">
      <ActForm action="Hand back" refused="Not handed back" act={give} names={{ flow_sid: "Flow" }} disabled={starts && !flow} onClose={onClose}>
        <Text size="sm" c="dimmed">
          You leave, the conversation stays open, and the flow answers the customer from now on.
        </Text>
        {waitingFlow !== null && (
          <Radio.Group aria-label="Which flow" value={goesOn ? "on" : "other"} onChange={(value) => setGoesOn(value === "on")}>
            <div className="transfer__choices">
              <Radio value="on" label={`${waitingFlow || "The flow"} goes on where it handed over`} />
              <Radio value="other" label="Start another flow" />
            </div>
          </Radio.Group>
        )}
        {starts && (
          <Select
            label="Flow"
            placeholder={flows.isPending ? "Reading the flows…" : "Choose a flow"}
            description="It begins with the customer's last message."
            searchable
            nothingFoundMessage="No published flow"
            data={(flows.data?.flows ?? []).map(({ sid, friendly_name }) => ({ value: sid, label: friendly_name }))}
            value={flow}
            onChange={setFlow}
          />
        )}
      </ActForm>
    </Modal>
  );
}
