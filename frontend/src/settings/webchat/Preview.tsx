import { SegmentedControl } from "@mantine/core";
import { useEffect, useRef, useState } from "react";

import { readOptions } from "../../../webchat/src/options";
import { Widget } from "../../../webchat/src/view/widget";
import { previewChat, SCENES, type Scene } from "./preview";
import { deploymentOf, type WebchatSettings } from "./settings";

/** The widget as these settings make it, saved or not. */
export function Preview({ settings }: { settings: WebchatSettings }) {
  const stage = useRef<HTMLDivElement>(null);
  const [scene, setScene] = useState<Scene>("chat");
  const deployment = JSON.stringify(deploymentOf(settings, scene !== "hours"));
  useEffect(() => {
    const options = readOptions({ deploymentKey: "preview" }, window.location.origin, JSON.parse(deployment));
    const { chat, store } = previewChat(options, scene);
    const widget = new Widget(chat, options, store);
    stage.current?.append(widget.host);
    // The person types in the form beside it.
    widget.open(false);
    return () => {
      widget.destroy();
      chat.destroy();
    };
  }, [deployment, scene]);
  return (
    <section className="webchat-preview" aria-label="Preview">
      <SegmentedControl
        fullWidth
        size="xs"
        aria-label="What the preview shows"
        data={Object.entries(SCENES).map(([value, label]) => ({ value, label }))}
        value={scene}
        onChange={(value) => setScene(value as Scene)}
      />
      <div className="webchat-preview__stage" ref={stage} data-direction={settings.direction || undefined} />
    </section>
  );
}
