export function ExecutionPage() {
  return <h1 className="page">ExecutionPage</h1>;
}
