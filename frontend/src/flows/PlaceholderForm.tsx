import { Alert, Select, Text, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import { api } from "../api/client";
import type { Options } from "../api/types";
import { choicesFor, placeText, type Blank } from "./placeholders";

type Props = {
  blanks: readonly Blank[];
  values: Readonly<Record<string, string>>;
  onChange: (text: string, value: string) => void;
  error: Error | null;
};

const NO_OPTIONS: Options = { workflows: [], task_channels: [], flows: [], addresses: [] };

/** A field for each placeholder that an import found; what is left empty stays as it is. */
export function PlaceholderForm({ blanks, values, onChange, error }: Props) {
  const options = useQuery({ queryKey: ["options"], queryFn: () => api.get<Options>("options") });
  return (
    <section aria-label="Placeholders to fill in">
      <h3>To fill in</h3>
      <Text size="sm" c="dimmed">
        These stand for values of the account the flow comes from. Each is replaced everywhere it occurs; what you leave empty stays.
      </Text>
      {error && (
        <Alert color="clay" variant="light" my="sm" role="alert" title="Not filled in">
          {error.message}
        </Alert>
      )}
      <div className="blanks">
        {blanks.map((blank) => {
          const choices = choicesFor(blank, options.data ?? NO_OPTIONS);
          const shared = {
            label: <code>{blank.text}</code>,
            "aria-label": blank.text,
            description: blank.places.length > 2 ? `${placeText(blank.places[0] as Blank["places"][number])} and ${blank.places.length - 1} more places` : blank.places.map(placeText).join("; "),
          };
          const value = values[blank.text] ?? "";
          return choices && choices.length > 0 ? (
            <Select key={blank.text} {...shared} placeholder="Choose" clearable searchable data={choices} value={value || null} onChange={(chosen) => onChange(blank.text, chosen ?? "")} />
          ) : (
            <TextInput key={blank.text} {...shared} placeholder="Leave as it is" value={value} onChange={(event) => onChange(blank.text, event.currentTarget.value)} />
          );
        })}
      </div>
    </section>
  );
}
