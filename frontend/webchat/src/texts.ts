/** Every word the widget shows. A page replaces any of them with `data-texts='{"send": "…"}'`. */

export const defaultTexts = {
  title: "Chat with us",
  greeting: "Hello! How can we help you?",
  open: "Open chat",
  close: "Close chat",
  minimize: "Minimize chat",
  menu: "More",
  log: "Messages",
  placeholder: "Write a message…",
  message: "Message",
  send: "Send",
  startChat: "Start chat",
  startNew: "Start a new chat",
  download: "Download transcript",
  sending: "Sending…",
  sent: "Sent",
  failed: "Not sent.",
  retry: "Try again",
  discard: "Discard",
  typing: "{name} is typing…",
  someone: "Someone",
  joined: "{name} joined the chat",
  left: "{name} left the chat",
  closed: "This chat has ended.",
  expired: "This chat has expired.",
  connecting: "Connecting…",
  offline: "No connection. Your messages are sent as soon as it is back.",
  newMessages: "New messages",
  unread: "{count} unread",
  required: "Please fill in this field.",
  badEmail: "Please enter a valid e-mail address.",
  tooLong: "Too long by {count} characters.",
  attachment: "Attachment",
  you: "You",
  bot: "Assistant",
  agent: "Agent",
  today: "Today",
  yesterday: "Yesterday",
  withName: "Chatting with {name}",
  serverRefused: "The chat cannot be started right now.",
  fields: {
    name: "Your name",
    email: "E-mail address",
    phone: "Phone number",
    question: "How can we help?",
  } as Record<string, string>,
};

export type Texts = typeof defaultTexts;

/** Put values into `{name}` places. */
export function fill(text: string, values: Readonly<Record<string, string | number>>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => (name in values ? String(values[name]) : whole));
}
