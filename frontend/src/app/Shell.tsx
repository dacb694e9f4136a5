import { ActionIcon, Avatar, Menu, Modal, Text, Tooltip, UnstyledButton, useMantineColorScheme } from "@mantine/core";
import {
  IconActivity,
  IconAddressBook,
  IconArrowsSplit2,
  IconChartBar,
  IconDeviceDesktop,
  IconEye,
  IconHeadset,
  IconHistory,
  IconLogout,
  IconMoon,
  IconRouteAltLeft,
  IconSettings,
  IconSun,
  IconUserCog,
  type Icon,
} from "@tabler/icons-react";
import { useEffect, useRef, type ReactNode } from "react";
import { Link, NavLink, useLocation } from "react-router";

import type { Role } from "../api/types";
import { BrandMark } from "./BrandMark";
import { LoginForm } from "./LoginForm";
import { HelpAlerts } from "../supervisor/HelpAlerts";
import { useSession, useSessionState } from "./session";

type Item = { to: string; label: string; icon: Icon; roles: Role[] };

const ITEMS: Item[] = [
  { to: "/flows", label: "Flows", icon: IconRouteAltLeft, roles: ["admin", "supervisor"] },
  { to: "/executions", label: "Executions", icon: IconActivity, roles: ["admin", "supervisor"] },
  { to: "/routing", label: "Routing", icon: IconArrowsSplit2, roles: ["admin", "supervisor"] },
  { to: "/supervisor", label: "Supervisor", icon: IconEye, roles: ["admin", "supervisor"] },
  { to: "/reports", label: "Reports", icon: IconChartBar, roles: ["admin", "supervisor"] },
  { to: "/console", label: "Console", icon: IconHeadset, roles: ["admin", "supervisor", "agent"] },
  { to: "/history", label: "History", icon: IconHistory, roles: ["admin", "supervisor", "agent"] },
  { to: "/contacts", label: "Contacts", icon: IconAddressBook, roles: ["admin", "supervisor", "agent"] },
  { to: "/settings", label: "Settings", icon: IconSettings, roles: ["admin"] },
];

const SCHEMES = { auto: "Like the system", light: "Light", dark: "Dark" } as const;

function ColourSchemeToggle() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const next = colorScheme === "auto" ? "light" : colorScheme === "light" ? "dark" : "auto";
  const CurrentIcon = { auto: IconDeviceDesktop, light: IconSun, dark: IconMoon }[colorScheme];
  const label = `Colours: ${SCHEMES[colorScheme].toLowerCase()}. Switch to ${SCHEMES[next].toLowerCase()}`;
  return (
    <Tooltip label={label} position="right">
      <ActionIcon variant="subtle" color="gray" size={36} aria-label={label} onClick={() => setColorScheme(next)}>
        <CurrentIcon size={19} stroke={1.6} />
      </ActionIcon>
    </Tooltip>
  );
}

function initialsOf(name: string): string {
  const words = name.trim().split(/\s+/);
  return ((words[0]?.[0] ?? "") + (words.length > 1 ? (words.at(-1)?.[0] ?? "") : "")).toUpperCase();
}

function UserMenu() {
  const { user, account } = useSession();
  const { logOut } = useSessionState();
  const initials = initialsOf(user.name || user.username);
  return (
    <Menu position="right-end" width={230}>
      <Menu.Target>
        <UnstyledButton className="rail__user">
          {/* The initials are part of the name: who sees them can say them. */}
          <span className="visually-hidden">Account of {user.name || user.username},</span>
          <Avatar size={34} radius="xl" color="petrol" variant="light">
            {initials}
          </Avatar>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <div className="rail__who">
          {/* A menu has items, and no paragraphs. */}
          <Text component="span" display="block" size="sm" fw={600}>
            {user.name || user.username}
          </Text>
          <Text component="span" display="block" size="xs" c="dimmed">
            {user.username} · {user.role}
          </Text>
          <Text component="span" display="block" size="xs" c="dimmed">
            {account.name}
          </Text>
        </div>
        <Menu.Divider />
        <Menu.Item component={Link} to="/profile" leftSection={<IconUserCog size={16} />}>
          Password and second factor
        </Menu.Item>
        <Menu.Item leftSection={<IconLogout size={16} />} onClick={() => void logOut()}>
          Log out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

/** The log-in dialog over a page whose session ended: what was being typed stays where it was. */
function SessionLostDialog() {
  const { lost, session } = useSessionState();
  return (
    <Modal
      opened={lost}
      onClose={() => undefined}
      withCloseButton={false}
      closeOnEscape={false}
      closeOnClickOutside={false}
      title="Your session has ended"
      zIndex={1000}
    >
      <Text size="sm" c="dimmed" mb="md">
        Log in again to go on. Nothing on this page is lost.
      </Text>
      <LoginForm username={session?.user.username} />
    </Modal>
  );
}

/** The frame around every screen: navigation at the left (below on narrow windows), the screen beside it. */
export function Shell({ children }: { children: ReactNode }) {
  const { user } = useSession();
  const items = ITEMS.filter((item) => item.roles.includes(user.role));
  const list = useRef<HTMLUListElement>(null);
  const [, place] = useLocation().pathname.split("/");
  // On a narrow window the list is wider than its place.
  useEffect(() => {
    list.current?.querySelector(".active")?.scrollIntoView?.({ block: "nearest", inline: "center" });
  }, [place]);
  return (
    <div className="shell">
      <a className="skip-link" href="#main">
        Skip to content
      </a>
      <nav className="rail" aria-label="Main">
        <NavLink to="/" className="rail__brand" aria-label="Flowdesk">
          <BrandMark size={30} />
        </NavLink>
        <ul className="rail__items" ref={list}>
          {items.map(({ to, label, icon: ItemIcon }) => (
            <li key={to}>
              <NavLink to={to} className="rail__item">
                <ItemIcon size={21} stroke={1.6} aria-hidden />
                <span>{label}</span>
              </NavLink>
            </li>
          ))}
        </ul>
        <div className="rail__foot">
          <ColourSchemeToggle />
          <UserMenu />
        </div>
      </nav>
      <main className="shell__main" id="main" tabIndex={-1}>
        {children}
      </main>
      <SessionLostDialog />
      <HelpAlerts />
    </div>
  );
}
