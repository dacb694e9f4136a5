import { Modal, MultiSelect, SegmentedControl, Select, Stack, Switch, Text, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { api } from "../api/client";
import type { Address, AddressTarget, FlowSummary } from "../api/types";
import { FormFoot } from "../app/FormFoot";
import { NotSaved } from "../app/NotSaved";
import { ADDRESS_TYPES, channelName } from "../core/channels";
import { addressProblems, draftOf, type AddressDraft, type Sender } from "./address";

const NAMES = {
  type: "Channel", address: "Address", friendly_name: "Name", target: "Answered by", flow_sid: "Flow", webhook_url: "Webhook address",
  webhook_filters: "Events", webhook_method: "Method", Filters: "Events", enabled: "Switched on",
};

/** An address, a new one, or a new one for a sender. */
export type Edited = Address | Sender | "new";

type Props = { address: Edited | null; onClose: () => void };

export function AddressDialog({ address, onClose }: Props) {
  const known = address !== null && address !== "new" && "sid" in address ? address : null;
  const sender = address !== null && address !== "new" && !("sid" in address) ? address : null;
  return (
    <Modal opened={address !== null} onClose={onClose} title={known ? "Address" : "New address"}>
      {address !== null && <Body address={known} sender={sender} onClose={onClose} />}
    </Modal>
  );
}

const EVENTS = [
  "onMessageAdded", "onMessageUpdated", "onMessageRemoved", "onConversationUpdated", "onConversationRemoved", "onConversationStateUpdated",
  "onParticipantAdded", "onParticipantUpdated", "onParticipantRemoved", "onDeliveryUpdated",
];

function Body({ address, sender, onClose }: { address: Address | null; sender: Sender | null; onClose: () => void }) {
  const client = useQueryClient();
  const [draft, setDraft] = useState<AddressDraft>(() => draftOf(address, sender));
  const [shown, setShown] = useState(false);
  const flows = useQuery({ queryKey: ["flows"], queryFn: () => api.get<{ flows: FlowSummary[] }>("flows") });
  const save = useMutation({
    mutationFn: () => (address ? api.put<Address>(`addresses/${address.sid}`, draft) : api.post<Address>("addresses", draft)),
    onSuccess: async () => {
      await Promise.all([client.invalidateQueries({ queryKey: ["addresses"] }), client.invalidateQueries({ queryKey: ["flows"] })]);
      onClose();
    },
  });
  const problems = addressProblems(draft);
  const problem = (name: keyof AddressDraft) => (shown ? problems[name] : undefined);
  const set = (change: Partial<AddressDraft>) => setDraft((before) => ({ ...before, ...change }));
  const chosen = flows.data?.flows.find((flow) => flow.sid === draft.flow_sid);
  const types = ADDRESS_TYPES.includes(draft.type as (typeof ADDRESS_TYPES)[number]) ? [...ADDRESS_TYPES] : [...ADDRESS_TYPES, draft.type];

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        setShown(true);
        if (Object.keys(problems).length === 0) save.mutate();
      }}
    >
      <Stack gap="md">
        <NotSaved error={save.error} names={NAMES} />
        <Select label="Channel" data={types.map((type) => ({ value: type, label: channelName(type) }))} value={draft.type} allowDeselect={false} disabled={address !== null} onChange={(type) => type && set({ type })} />
        <TextInput label="Address" description="A number such as +15550100, a page or account id." error={problem("address")} disabled={address !== null} value={draft.address} onChange={(event) => set({ address: event.currentTarget.value })} />
        <TextInput label="Name" placeholder="Main number" value={draft.friendly_name} onChange={(event) => set({ friendly_name: event.currentTarget.value })} />
        <div>
          <Text size="sm" fw={600} mb={6} id="answered-by">
            Answered by
          </Text>
          <SegmentedControl
            fullWidth
            aria-labelledby="answered-by"
            data={[
              { value: "studio", label: "A flow" },
              { value: "webhook", label: "A webhook" },
              { value: "none", label: "Nobody" },
            ]}
            value={draft.target}
            onChange={(target) => set({ target: target as AddressTarget })}
          />
        </div>
        {draft.target === "studio" && (
          <Select
            label="Flow"
            searchable
            error={problem("flow_sid")}
            placeholder={flows.isPending ? "Reading the flows…" : "Choose a flow"}
            description={chosen && chosen.published_revision === null ? "This flow has never been published: it answers from the moment it is." : undefined}
            data={(flows.data?.flows ?? []).map((flow) => ({ value: flow.sid, label: flow.friendly_name }))}
            value={draft.flow_sid}
            onChange={(flow_sid) => set({ flow_sid })}
            nothingFoundMessage="No flow has this name"
          />
        )}
        {draft.target === "webhook" && (
          <>
            <TextInput label="Webhook address" placeholder="https://" error={problem("webhook_url")} value={draft.webhook_url ?? ""} onChange={(event) => set({ webhook_url: event.currentTarget.value })} />
            <MultiSelect
              label="Events"
              description="None: all of them."
              searchable
              clearable
              data={EVENTS}
              value={draft.webhook_filters ?? []}
              onChange={(webhook_filters) => set({ webhook_filters })}
            />
            <SegmentedControl aria-label="Method" data={["POST", "GET"]} value={draft.webhook_method ?? "POST"} onChange={(webhook_method) => set({ webhook_method })} />
          </>
        )}
        <Switch label="Switched on" description="Off: messages are kept, nothing answers." checked={draft.enabled} onChange={(event) => set({ enabled: event.currentTarget.checked })} />
      </Stack>
      <FormFoot label="Save address" isSaving={save.isPending} onCancel={onClose} />
    </form>
  );
}
