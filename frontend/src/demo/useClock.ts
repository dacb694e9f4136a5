import { useEffect, useState } from "react";

const read = () => new Date().toLocaleTimeString([], { hour: "numeric", minute: "2-digit" });

/** The time of day for a phone's status bar. */
export function useClock(): string {
  const [time, setTime] = useState(read);
  useEffect(() => {
    const timer = setInterval(() => setTime(read()), 10_000);
    return () => clearInterval(timer);
  }, []);
  return time;
}
