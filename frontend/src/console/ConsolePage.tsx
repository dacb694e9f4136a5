/** Where agents answer. */
export function ConsolePage() {
  return <h1 className="page">Console</h1>;
}
