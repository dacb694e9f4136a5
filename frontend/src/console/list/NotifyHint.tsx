import { Button, CloseButton } from "@mantine/core";
import { useState } from "react";

import { notificationPermission } from "../alerts";
import { drafts } from "../core/storage";

const ASKED = "notifications-asked";

/** Asks once whether the browser may tell of offers; the browser's own question comes only after a yes. */
export function NotifyHint() {
  const [shown, setShown] = useState(() => notificationPermission() === "default" && !drafts.read(ASKED));
  if (!shown) return null;
  const close = () => {
    drafts.write(ASKED, "yes");
    setShown(false);
  };
  return (
    <div className="hint" role="region" aria-label="Notifications">
      <span>Hear of offers while you look elsewhere?</span>
      <Button size="compact-sm" variant="default" onClick={() => void Notification.requestPermission().then(close)}>
        Allow
      </Button>
      <CloseButton size="sm" aria-label="Not now" onClick={close} />
    </div>
  );
}
