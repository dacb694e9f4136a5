import { Button } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import type { ReactNode } from "react";

import { NotSaved } from "../../app/NotSaved";
import type { Names } from "../../core/refusals";

type Props = {
  /** What the button says. */
  action: string;
  /** The heading over what the server says against it. */
  refused: string;
  act: () => Promise<void>;
  onClose: () => void;
  disabled?: boolean;
  names?: Names;
  children: ReactNode;
};

/** The form of a dialog that does one thing, and says in itself why it was not done. */
export function ActForm({ action, refused, act, onClose, disabled, names, children }: Props) {
  // Without a connection it is refused at once, and does not happen unasked when the connection is back.
  const doing = useMutation({ mutationFn: act, networkMode: "always" });
  return (
    <form
      className="transfer"
      onSubmit={(event) => {
        event.preventDefault();
        if (!disabled && !doing.isPending) doing.mutate();
      }}
    >
      {children}
      <NotSaved title={refused} error={doing.error} names={names} />
      <div className="buttons">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button type="submit" loading={doing.isPending} disabled={disabled}>
          {action}
        </Button>
      </div>
    </form>
  );
}
