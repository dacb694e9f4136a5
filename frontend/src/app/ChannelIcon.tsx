import "./channel.css";

import { IconBrandMessenger, IconBrandWhatsapp, IconDeviceMobileMessage, IconMessageCircle2, IconMessages, IconPhone, type Icon } from "@tabler/icons-react";

import { channelName } from "../core/channels";

const ICONS: Record<string, Icon> = {
  chat: IconMessageCircle2,
  sms: IconDeviceMobileMessage,
  whatsapp: IconBrandWhatsapp,
  messenger: IconBrandMessenger,
  voice: IconPhone,
};

/** A channel's sign in a tinted square; its name for those who do not see it. */
export function ChannelIcon({ channel, size = 34 }: { channel: string; size?: number }) {
  const Sign = ICONS[channel] ?? IconMessages;
  return (
    <span className={`channel channel--${channel}`} role="img" aria-label={channelName(channel)} title={channelName(channel)} style={{ width: size, height: size }}>
      <Sign size={size * 0.58} stroke={1.7} aria-hidden />
    </span>
  );
}
