import { notifications } from "@mantine/notifications";

/** Tell the agent in a corner of the page that something did not work, and why. */
export function tellFailure(title: string, error: unknown): void {
  const message = error instanceof Error ? error.message : "Try again.";
  notifications.show({ position: "top-right", title, message, color: "clay" });
}

export function tell(title: string, message: string): void {
  notifications.show({ position: "top-right", title, message });
}
