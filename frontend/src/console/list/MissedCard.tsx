import { ActionIcon, Button, Text } from "@mantine/core";
import { IconPhoneX, IconX } from "@tabler/icons-react";

import { channelName, timeText } from "../core/format";
import type { Missed, Model } from "../core/model";
import { customerName } from "../core/tasks";

type Props = {
  missed: Missed;
  model: Model;
  onActivity: (sid: string) => Promise<void>;
  onClose: () => void;
};

/** What became of an offer that nobody answered, and what it did to the agent's own activity. */
export function MissedCard({ missed: { offer, at }, model, onActivity, onClose }: Props) {
  const now = model.activities.find(({ sid }) => sid === model.worker?.activity_sid);
  const before = model.activities.find(({ sid }) => sid === model.previousActivity);
  // The one they had, else the first that takes offers.
  const back = before?.available ? before : model.activities.find(({ available }) => available);
  const channel = channelName(offer.conversation?.channel_type ?? offer.task.channel);
  return (
    <article className="missed" aria-label={`Missed offer: ${customerName(offer)}`}>
      <IconPhoneX size={20} stroke={1.7} className="missed__sign" aria-hidden />
      <div className="missed__text">
        <Text fw={650} className="clip" title={customerName(offer)}>
          Missed: {customerName(offer)}
        </Text>
        <Text size="xs" c="dimmed">
          {channel} · {offer.queue_name} · {timeText(new Date(at).toISOString())}
        </Text>
        <Text size="sm" mt={4}>
          The time to answer ran out, and the task went on to others.{" "}
          {now && !now.available ? `You are ${now.name} now, so no offers come.` : now ? `You are still ${now.name}.` : ""}
        </Text>
        {now && !now.available && back && (
          <Button size="xs" variant="default" mt={8} onClick={() => void onActivity(back.sid).then(onClose)}>
            Go back to {back.name}
          </Button>
        )}
      </div>
      <ActionIcon variant="subtle" color="gray" aria-label={`Dismiss the missed offer of ${customerName(offer)}`} onClick={onClose}>
        <IconX size={16} />
      </ActionIcon>
    </article>
  );
}
