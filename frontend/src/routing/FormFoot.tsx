import type { ComponentProps } from "react";

import { FormFoot as Foot } from "../app/FormFoot";
import { useCanEdit } from "./api";

/** The end of a form about routing, which only admins change. */
export function FormFoot(props: Omit<ComponentProps<typeof Foot>, "readOnly">) {
  return <Foot {...props} readOnly={!useCanEdit()} />;
}
