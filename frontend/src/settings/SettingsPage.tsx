import "./settings.css";

import { Select, Title } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { NavLink, useNavigate, useParams } from "react-router";

import { ErrorState, LoadingState } from "../app/states";
import { grouped, SECTIONS, type Section } from "./sections";

/** What is set up once: channels, people, and the account itself. */
export function SettingsPage() {
  const { section } = useParams();
  const navigate = useNavigate();
  const open = SECTIONS.find(({ name }) => name === section) ?? SECTIONS[0]!;
  useDocumentTitle(`${open.label} · Settings · Flowdesk`);
  return (
    <div className="page settings">
      <nav className="settings__nav" aria-label="Settings">
        {grouped(SECTIONS).map(({ group, sections }) => (
          <div key={group}>
            <h2 className="settings__group">{group}</h2>
            <ul>
              {sections.map(({ name, label }) => (
                <li key={name}>
                  <NavLink to={`/settings/${name}`} className="settings__link" aria-current={name === open.name ? "page" : undefined}>
                    {label}
                  </NavLink>
                </li>
              ))}
            </ul>
          </div>
        ))}
      </nav>
      <Select
        className="settings__select"
        aria-label="Part of the settings"
        allowDeselect={false}
        data={grouped(SECTIONS).map(({ group, sections }) => ({ group, items: sections.map(({ name, label }) => ({ value: name, label })) }))}
        value={open.name}
        onChange={(name) => name && void navigate(`/settings/${name}`)}
      />
      <section className="settings__panel" aria-labelledby="settings-title">
        <Title order={1} size="h2" mb="lg" id="settings-title">
          {open.label}
        </Title>
        <OpenSection key={open.name} section={open} />
      </section>
    </div>
  );
}

function OpenSection({ section }: { section: Section }) {
  const query = useQuery({ queryKey: ["settings-section", section.name], queryFn: section.load, staleTime: Infinity });
  if (query.isPending) return <LoadingState label={`Opening ${section.label}`} />;
  if (query.isError) return <ErrorState title="This part cannot be opened" error={query.error} onRetry={() => void query.refetch()} />;
  const { Panel } = query.data;
  return <Panel />;
}
