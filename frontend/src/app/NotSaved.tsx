import { Alert, type MantineStyleProps } from "@mantine/core";
import type { ReactNode } from "react";

import { inFormsWords, type Names } from "../core/refusals";

type Props = Pick<MantineStyleProps, "mb" | "mt"> & {
  error: Error | null;
  /** What the form calls the fields that the server names. */
  names?: Names;
  title?: string;
  children?: ReactNode;
};

/** What the server refused, in the form's own words. */
export function NotSaved({ error, names = {}, title = "Not saved", children, ...others }: Props) {
  if (!error) return null;
  return (
    <Alert color="clay" variant="light" role="alert" title={title} {...others}>
      {inFormsWords(error.message, names)}
      {children}
    </Alert>
  );
}
