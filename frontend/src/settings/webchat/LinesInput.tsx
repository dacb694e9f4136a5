import { Textarea, type TextareaProps } from "@mantine/core";
import { useState } from "react";

import { linesOf } from "./settings";

type Props = Omit<TextareaProps, "value" | "onChange" | "defaultValue"> & { value: readonly string[]; onChange: (lines: string[]) => void };

/** A list, one entry a line; empty lines stay in the field while somebody types. */
export function LinesInput({ value, onChange, ...rest }: Props) {
  const [text, setText] = useState(value.join("\n"));
  const shown = linesOf(text).join("\n") === value.join("\n") ? text : value.join("\n");
  return (
    <Textarea
      rows={3}
      {...rest}
      value={shown}
      onChange={(event) => {
        setText(event.currentTarget.value);
        onChange(linesOf(event.currentTarget.value));
      }}
    />
  );
}
