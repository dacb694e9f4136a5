import { clock } from "./core/text";
import { useNow } from "./useNow";

type Props = { seconds: number | null; readAt: number };

/** A time that the server counted until `readAt` (ms of this browser), and that goes on between two readings. */
export function Running({ seconds, readAt }: Props) {
  const now = useNow();
  return <>{clock(seconds === null ? null : seconds + Math.max(0, (now - readAt) / 1000))}</>;
}
