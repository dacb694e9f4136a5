import { Alert, Button, Checkbox, Modal, Slider, Switch, Table, Text } from "@mantine/core";
import { IconBell, IconVolumeOff } from "@tabler/icons-react";
import { useSyncExternalStore, useState } from "react";

import { notificationPermission, onSoundUnlocked, play, soundIsUnlocked } from "../alerts";
import { KINDS, type Alerts } from "../core/alerting";

type Props = { opened: boolean; alerts: Alerts; onSave: (alerts: Alerts) => void; onClose: () => void };

/** What is heard and shown while the agent looks elsewhere. Kept with the user. */
export function AlertsDialog({ opened, alerts, onSave, onClose }: Props) {
  const [permission, setPermission] = useState(notificationPermission);
  const unlocked = useSyncExternalStore(onSoundUnlocked, soundIsUnlocked);
  const [volume, setVolume] = useState(alerts.volume);
  return (
    <Modal opened={opened} onClose={onClose} title="Sounds and notifications" size="lg" closeButtonProps={{ "aria-label": "Close" }}>
      {permission === "default" && (
        <Alert icon={<IconBell size={18} />} title="Notifications on the desktop" mb="md">
          <Text size="sm" mb={8}>
            The browser can tell you of offers and messages while this page is in the background. It asks you once.
          </Text>
          <Button size="xs" onClick={() => void Notification.requestPermission().then(setPermission)}>
            Ask the browser
          </Button>
        </Alert>
      )}
      {permission === "denied" && (
        <Alert color="amber" mb="md">
          The browser blocks notifications of this page. Allow them in the settings left of the address.
        </Alert>
      )}
      {!unlocked && (
        <Alert color="amber" icon={<IconVolumeOff size={18} />} mb="md">
          The browser plays no sound until you click or press a key on this page.
        </Alert>
      )}
      <Table withRowBorders={false}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>When</Table.Th>
            <Table.Th>Sound</Table.Th>
            <Table.Th>Desktop</Table.Th>
            <Table.Th>
              <span className="visually-hidden">Test</span>
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {KINDS.map(({ kind, label }) => (
            <Table.Tr key={kind}>
              <Table.Th scope="row" fw={500}>
                {label}
              </Table.Th>
              <Table.Td>
                <Checkbox
                  aria-label={`Sound: ${label}`}
                  checked={alerts.sound[kind]}
                  onChange={(event) => onSave({ ...alerts, sound: { ...alerts.sound, [kind]: event.currentTarget.checked } })}
                />
              </Table.Td>
              <Table.Td>
                <Checkbox
                  aria-label={`Desktop: ${label}`}
                  disabled={permission !== "granted"}
                  checked={alerts.desktop[kind] && permission === "granted"}
                  onChange={(event) => onSave({ ...alerts, desktop: { ...alerts.desktop, [kind]: event.currentTarget.checked } })}
                />
              </Table.Td>
              <Table.Td>
                <Button size="compact-xs" variant="default" aria-label={`Play: ${label}`} onClick={() => play(kind, volume)}>
                  Play
                </Button>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      <Text size="sm" fw={500} mt="md" mb={4} id="volume-label">
        Volume
      </Text>
      <Slider
        thumbLabel="Volume"
        value={volume}
        onChange={setVolume}
        onChangeEnd={(value) => {
          onSave({ ...alerts, volume: value });
          play("message", value);
        }}
        label={(value) => `${value} %`}
      />
      <Switch
        mt="lg"
        label="Ring until an offer is answered"
        checked={alerts.repeat}
        onChange={(event) => onSave({ ...alerts, repeat: event.currentTarget.checked })}
      />
      <Text size="xs" c="dimmed" mt="md">
        With several tabs open, one of them rings.
      </Text>
    </Modal>
  );
}
