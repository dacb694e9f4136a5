export function ExecutionsPage() {
  return <h1 className="page">ExecutionsPage</h1>;
}
