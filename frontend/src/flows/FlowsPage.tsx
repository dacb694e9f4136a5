export function FlowsPage() {
  return <h1 className="page">FlowsPage</h1>;
}
