import type { ComponentProps } from "react";

import { RowActions as Actions } from "../app/RowActions";
import { useCanEdit } from "./api";

/** Edit and delete what belongs to routing, which only admins change. */
export function RowActions(props: Omit<ComponentProps<typeof Actions>, "readOnly">) {
  return <Actions {...props} readOnly={!useCanEdit()} />;
}
