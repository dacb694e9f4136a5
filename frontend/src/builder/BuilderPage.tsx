export function BuilderPage() {
  return <h1 className="page">BuilderPage</h1>;
}
