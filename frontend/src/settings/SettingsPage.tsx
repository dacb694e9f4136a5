export function SettingsPage() {
  return <h1 className="page">SettingsPage</h1>;
}
