import { ActionIcon, Tabs, Tooltip } from "@mantine/core";
import { IconRefresh, IconX } from "@tabler/icons-react";
import { useEffect, useRef } from "react";

import { useBuilderActions } from "../actions-context";
import { toggleSimulator } from "../commands";
import { currentWidget, pathTrace } from "../core/simulation";
import { useUi, useUiStore } from "../ui";
import { ChatTab } from "./ChatTab";
import { TestsTab } from "./TestsTab";
import { useSimulator } from "./useSimulator";
import { VariablesTab } from "./VariablesTab";

/** The simulator beside the canvas: talk to what is drawn, before anybody else does. */
export function SimulatorPanel() {
  const open = useUi((state) => state.simulatorOpen);
  return open ? <Panel /> : null;
}

function Panel() {
  const ui = useUiStore();
  const actions = useBuilderActions();
  const simulator = useSimulator();
  const { simulation } = simulator;
  const latest = useRef(simulator);
  useEffect(() => {
    latest.current = simulator;
  });

  useEffect(() => {
    if (!simulation) return;
    ui.getState().set({ trace: pathTrace(simulation) });
    const current = currentWidget(simulation);
    if (current) actions.reveal([current]);
  }, [simulation, ui, actions]);

  const request = useUi((state) => state.simulate);
  useEffect(() => {
    if (!request) return;
    ui.getState().set({ trace: null });
    latest.current.reset();
    if (request.kind === "replay") latest.current.repeat(request.execution);
  }, [request, ui]);

  const restart = () => {
    ui.getState().set({ trace: null });
    simulator.reset();
  };

  return (
    <section className="simulator" aria-label="Simulator">
      <Tabs defaultValue="chat" keepMounted={false} className="simulator__tabs">
        <header className="simulator__head">
          <Tabs.List aria-label="Simulator">
            <Tabs.Tab value="chat">Chat</Tabs.Tab>
            <Tabs.Tab value="variables">Variables</Tabs.Tab>
            <Tabs.Tab value="tests">Tests</Tabs.Tab>
          </Tabs.List>
          <Tooltip label="Restart">
            <ActionIcon variant="subtle" color="gray" aria-label="Restart the simulation" disabled={!simulation} onClick={restart}>
              <IconRefresh size={16} />
            </ActionIcon>
          </Tooltip>
          <ActionIcon variant="subtle" color="gray" aria-label="Close the simulator" onClick={() => toggleSimulator(ui)}>
            <IconX size={16} />
          </ActionIcon>
        </header>
        <Tabs.Panel value="chat" className="simulator__panel">
          <ChatTab simulator={simulator} onRestart={restart} />
        </Tabs.Panel>
        <Tabs.Panel value="variables" className="simulator__panel">
          <VariablesTab simulator={simulator} />
        </Tabs.Panel>
        <Tabs.Panel value="tests" className="simulator__panel">
          <TestsTab />
        </Tabs.Panel>
      </Tabs>
    </section>
  );
}
