import { Alert, Text } from "@mantine/core";
import { IconCircleCheck } from "@tabler/icons-react";
import type { ReactNode } from "react";

import type { ImportReport } from "../api/types";

/** `children`: what fills the placeholders in. */
type Props = { report: ImportReport; name: string; children?: ReactNode };

/** What the import made of the file: what it changed, does not know, and needs filled in. */
export function ReportView({ report, name, children }: Props) {
  const { converted, unknown, placeholders, notes } = report;
  const smooth = converted.length + unknown.length + placeholders.length + notes.length === 0;
  return (
    <div className="report">
      <Alert color="petrol" variant="light" icon={<IconCircleCheck size={20} />} title={`“${name}” has been imported`}>
        {smooth ? "Everything was taken over as it is." : "It is a draft now. This is what was found in it:"}
      </Alert>
      {children}
      {unknown.length > 0 && (
        <section aria-label="Unknown widgets">
          <h3>Not known here</h3>
          <Text size="sm" c="dimmed">
            Kept as they are, but they cannot run: replace them before publishing.
          </Text>
          <ul>
            {unknown.map((entry, index) => (
              <li key={index}>
                <strong>{entry.widget}</strong> of type <code>{entry.type}</code>
              </li>
            ))}
          </ul>
        </section>
      )}
      {converted.length > 0 && (
        <section aria-label="Converted widgets">
          <h3>Converted</h3>
          <ul>
            {converted.map((entry, index) => (
              <li key={index}>
                <strong>{entry.widget}</strong>: <code>{entry.from}</code> is now <code>{entry.to}</code>
              </li>
            ))}
          </ul>
        </section>
      )}
      {notes.length > 0 && (
        <section aria-label="Notes">
          <h3>Notes</h3>
          <ul>
            {notes.map((note, index) => (
              <li key={index}>{note}</li>
            ))}
          </ul>
        </section>
      )}
    </div>
  );
}
