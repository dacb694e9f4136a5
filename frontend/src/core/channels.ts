/** Channels and providers by the names people know. */

const CHANNELS: Record<string, string> = {
  sms: "SMS",
  whatsapp: "WhatsApp",
  messenger: "Messenger",
  gbm: "Business Messages",
  rcs: "RCS",
  chat: "Web chat",
  webchat: "Web chat",
  voice: "Voice",
};

const PROVIDERS: Record<string, string> = {
  twilio: "Twilio",
  meta: "Meta",
  google: "Google",
  web: "This server",
  sandbox: "Sandbox",
};

export function channelName(type: string): string {
  return CHANNELS[type] ?? type;
}

export function providerName(provider: string): string {
  return PROVIDERS[provider] ?? provider;
}

export const ADDRESS_TYPES = ["sms", "whatsapp", "messenger", "gbm", "rcs", "chat"] as const;
