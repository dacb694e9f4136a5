const WAIT_MILLISECONDS = 5_000;

/** Open the console's socket and close it again; tells whether it opened. */
export function trySocket(make: (address: string) => WebSocket = (address) => new WebSocket(address)): Promise<boolean> {
  const address = `${window.location.origin.replace(/^http/, "ws")}/ws/console/`;
  return new Promise((resolve) => {
    const socket = make(address);
    const end = (opened: boolean) => {
      window.clearTimeout(timer);
      socket.onopen = socket.onerror = socket.onclose = null;
      socket.close();
      resolve(opened);
    };
    const timer = window.setTimeout(() => end(false), WAIT_MILLISECONDS);
    socket.onopen = () => end(true);
    socket.onerror = socket.onclose = () => end(false);
  });
}
