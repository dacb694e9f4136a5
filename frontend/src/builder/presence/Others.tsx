import { Avatar, Tooltip } from "@mantine/core";

import { useSession } from "../../app/session";
import { useBuilderActions } from "../actions-context";
import { useUi } from "../ui";
import { colourOf, initialsOf, type Other } from "./editors";

function placeOf({ widgets }: Other): string {
  if (widgets.length === 0) return "looks at this flow, too";
  return widgets.length === 1 ? `is at ${widgets[0]}` : `has ${widgets.length} widgets selected`;
}

/** Who else has this flow open; a click goes to where they are. */
export function Others() {
  const others = useUi((state) => state.others);
  const { user } = useSession();
  const actions = useBuilderActions();
  if (others.length === 0) return null;
  return (
    <Avatar.Group spacing={8} className="others" role="group" aria-label="Others who have this flow open">
      {others.slice(0, 5).map((other) => {
        const name = other.userSid === user.sid ? "You, in another tab," : other.name;
        const [first] = other.widgets;
        return (
          <Tooltip key={other.editor} label={`${name} ${placeOf(other)}`}>
            <Avatar
              component="button"
              type="button"
              size={28}
              radius="xl"
              variant="filled"
              color={`${colourOf(other.userSid)}.8`}
              aria-label={`${name} ${placeOf(other)}`}
              onClick={() => first !== undefined && actions.jumpTo(first)}
            >
              {initialsOf(other.name)}
            </Avatar>
          </Tooltip>
        );
      })}
      {others.length > 5 && (
        <Avatar size={28} radius="xl">
          +{others.length - 5}
        </Avatar>
      )}
    </Avatar.Group>
  );
}
