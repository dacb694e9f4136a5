import { StartConversation } from "../outbound/StartConversation";
import { ParkedList } from "./ParkedList";
import { WorkNews } from "./WorkNews";

/** Under the task list: what is parked, and the way to begin a conversation. */
export function DeskFoot() {
  return (
    <div className="desk__foot">
      <WorkNews />
      <ParkedList />
      <StartConversation />
    </div>
  );
}
