/** How widget types look: one icon each, and a tone for each kind of work they do. */
import {
  IconArrowsSplit,
  IconBracketsContain,
  IconBrandSpeedtest,
  IconCashBanknote,
  IconCode,
  IconCornerDownRight,
  IconDatabase,
  IconDialpad,
  IconHeadset,
  IconHelpHexagon,
  IconMessage,
  IconMessagePlus,
  IconMessageQuestion,
  IconMicrophone,
  IconPhoneCall,
  IconPhoneOutgoing,
  IconPhonePause,
  IconPlayerPlay,
  IconRobot,
  IconSitemap,
  IconUserPlus,
  IconUsers,
  IconVariable,
  IconVolume,
  IconWaveSine,
  IconWorldWww,
  type Icon,
} from "@tabler/icons-react";

export type Tone = "start" | "message" | "logic" | "data" | "people" | "voice" | "other";

const LOOKS: Record<string, [Icon, Tone]> = {
  trigger: [IconPlayerPlay, "start"],
  "send-message": [IconMessage, "message"],
  "send-and-wait-for-reply": [IconMessageQuestion, "message"],
  "start-conversation": [IconMessagePlus, "message"],
  "resume-conversation": [IconMessagePlus, "message"],
  "create-chat-channel": [IconMessagePlus, "message"],
  "add-member-to-chat-channel": [IconUserPlus, "message"],
  "split-based-on": [IconArrowsSplit, "logic"],
  "set-variables": [IconVariable, "logic"],
  "run-subflow": [IconSitemap, "logic"],
  "make-http-request": [IconWorldWww, "data"],
  "run-function": [IconCode, "data"],
  "run-function-v2": [IconCode, "data"],
  "update-sync-object": [IconDatabase, "data"],
  "add-twiml-redirect": [IconCornerDownRight, "data"],
  understand: [IconBracketsContain, "data"],
  "send-to-flex": [IconHeadset, "people"],
  "enqueue-call": [IconUsers, "people"],
  "create-task": [IconUsers, "people"],
  "say-play": [IconVolume, "voice"],
  "gather-input-on-call": [IconDialpad, "voice"],
  "record-voicemail": [IconMicrophone, "voice"],
  "record-call": [IconMicrophone, "voice"],
  "connect-call-to": [IconPhoneCall, "voice"],
  "make-outgoing-call-v1": [IconPhoneOutgoing, "voice"],
  "make-outgoing-call-v2": [IconPhoneOutgoing, "voice"],
  "capture-payments": [IconCashBanknote, "voice"],
  "fork-stream": [IconWaveSine, "voice"],
  "run-conversation-relay": [IconBrandSpeedtest, "voice"],
  "connect-virtual-agent": [IconRobot, "voice"],
  "connect-virtual-agent-v2": [IconRobot, "voice"],
  "send-to-auto-pilot": [IconRobot, "voice"],
  hangup: [IconPhonePause, "voice"],
};

export function toneOf(type: string): Tone {
  return LOOKS[type]?.[1] ?? "other";
}

export function WidgetIcon({ type, size = 18 }: { type: string; size?: number }) {
  const TypeIcon = LOOKS[type]?.[0] ?? IconHelpHexagon;
  return <TypeIcon size={size} stroke={1.7} aria-hidden />;
}

/** The icon on its coloured tile. */
export function WidgetTile({ type, size = 30 }: { type: string; size?: number }) {
  return (
    <span className={`tile tone-${toneOf(type)}`} style={{ width: size, height: size }} aria-hidden>
      <WidgetIcon type={type} size={Math.round(size * 0.6)} />
    </span>
  );
}
