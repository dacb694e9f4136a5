import { Alert, Button, FileButton, Group, Modal, Text, Textarea, TextInput } from "@mantine/core";
import { IconFileUpload } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type DragEvent } from "react";
import { useNavigate } from "react-router";

import { api } from "../api/client";
import type { Flow, ImportReport } from "../api/types";
import { PlaceholderForm } from "./PlaceholderForm";
import { ReportView } from "./ReportView";
import { blanksOf, filledIn } from "./placeholders";
import { fileProblem, nameFromFile, textProblem } from "./importing";

type Props = { opened: boolean; onClose: () => void };
type Imported = { flow: Flow; report: ImportReport };

/** Take in a Studio flow: paste its JSON or drop the file, then read what was made of it. */
export function ImportDialog({ opened, onClose }: Props) {
  return (
    <Modal opened={opened} onClose={onClose} title="Import a flow" size="lg">
      {opened && <Body onClose={onClose} />}
    </Modal>
  );
}

function Body({ onClose }: { onClose: () => void }) {
  const client = useQueryClient();
  const [text, setText] = useState("");
  const [name, setName] = useState("");
  const [problem, setProblem] = useState<string | null>(null);
  const [over, setOver] = useState(false);
  const upload = useMutation({
    mutationFn: () => api.post<Imported>("flows/import", { text, ...(name.trim() ? { friendly_name: name.trim() } : {}) }),
    onSuccess: () => client.invalidateQueries({ queryKey: ["flows"] }),
  });

  async function take(file: File | null | undefined) {
    if (!file) return;
    const refused = fileProblem(file);
    setProblem(refused);
    if (refused) return;
    setText(await file.text());
    if (!name.trim()) setName(nameFromFile(file.name));
    upload.reset();
  }

  function onDrop(event: DragEvent) {
    event.preventDefault();
    setOver(false);
    void take(event.dataTransfer.files[0]);
  }

  if (upload.data) return <Outcome imported={upload.data} onClose={onClose} />;

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        const refused = textProblem(text);
        setProblem(refused);
        if (!refused) upload.mutate();
      }}
    >
      <Text size="sm" c="dimmed" mb="md">
        Exports of Studio in today’s and in the old format. The flow is added as a draft; nothing answers customers until you publish it.
      </Text>
      {(problem ?? upload.error) && (
        <Alert color="clay" variant="light" mb="md" role="alert" title="Not imported">
          {problem ?? upload.error?.message}
        </Alert>
      )}
      <TextInput label="Name" placeholder="Taken from the definition when left empty" value={name} onChange={(event) => setName(event.currentTarget.value)} mb="md" />
      {/* Dropping is a convenience; the button and the text field do the same by keyboard. */}
      <div
        className={`drop ${over ? "drop--over" : ""}`}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={onDrop}
      >
        <Textarea
          label="Definition"
          placeholder="Paste the JSON here, or drop a file"
          rows={10}
          spellCheck={false}
          styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)", fontSize: 12 } }}
          value={text}
          onChange={(event) => {
            setText(event.currentTarget.value);
            setProblem(null);
          }}
        />
      </div>
      <Group justify="space-between" mt="md">
        <FileButton accept="application/json,.json" onChange={(file) => void take(file)}>
          {(props) => (
            <Button {...props} variant="subtle" leftSection={<IconFileUpload size={17} stroke={1.7} />}>
              Choose a file
            </Button>
          )}
        </FileButton>
        <Group>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={upload.isPending}>
            Import flow
          </Button>
        </Group>
      </Group>
    </form>
  );
}

/** What the import made of the text, and the blanks to fill in before the flow is opened. */
function Outcome({ imported: { flow, report }, onClose }: { imported: Imported; onClose: () => void }) {
  const navigate = useNavigate();
  const client = useQueryClient();
  const [values, setValues] = useState<Record<string, string>>({});
  const blanks = blanksOf(report.placeholders);
  const definition = filledIn(flow.definition, values);
  const save = useMutation({
    mutationFn: () => api.put<Flow>(`flows/${flow.sid}/draft`, { definition, base_revision: flow.revision, commit_message: "Filled in what the import left open" }),
    onSuccess: () => client.invalidateQueries({ queryKey: ["flows"] }),
  });
  const finish = async (then: () => void) => {
    // What was filled in is saved first; where that fails the dialog stays and says so.
    if (definition !== flow.definition && !(await save.mutateAsync().then(() => true, () => false))) return;
    then();
  };
  return (
    <>
      <ReportView report={report} name={flow.friendly_name}>
        {blanks.length > 0 && (
          <PlaceholderForm blanks={blanks} values={values} error={save.error} onChange={(text, value) => setValues({ ...values, [text]: value })} />
        )}
      </ReportView>
      <Group justify="flex-end" mt="lg">
        <Button variant="default" disabled={save.isPending} onClick={() => void finish(onClose)}>
          Done
        </Button>
        <Button loading={save.isPending} onClick={() => void finish(() => void navigate(`/flows/${flow.sid}`))}>
          Open flow
        </Button>
      </Group>
    </>
  );
}
