/**
 * The look of Flowdesk: petrol on warm paper by day, on deep slate by night, system fonts, hairlines
 * instead of shadows. Every screen takes its colours from the variables made here.
 */
import { createTheme, type CSSVariablesResolver, type MantineColorsTuple } from "@mantine/core";

const petrol: MantineColorsTuple = [
  "#edf7f5", "#d9eeea", "#b0dbd3", "#83c6bb", "#5fb4a7", "#46a596", "#2c897c", "#1d6f65", "#155a52", "#0c433d",
];
const gray: MantineColorsTuple = [
  "#faf9f7", "#f4f2ee", "#e9e6e0", "#dad6ce", "#bfbab0", "#99938a", "#767067", "#5a554e", "#3f3b36", "#282522",
];
const dark: MantineColorsTuple = [
  "#dfe4e3", "#bcc4c3", "#98a2a1", "#6d7877", "#414b4a", "#313a39", "#252c2c", "#1b2121", "#151a1a", "#0e1212",
];
const amber: MantineColorsTuple = [
  "#fdf5e6", "#f8e8c9", "#f0d093", "#e8b75a", "#e1a12f", "#d28d15", "#b3750c", "#8f5c08", "#704807", "#523404",
];
const clay: MantineColorsTuple = [
  "#fdf0ed", "#f8dcd5", "#efb5a8", "#e58c79", "#dc6a52", "#cf4f35", "#b93f27", "#98311d", "#782717", "#571b10",
];

const SANS =
  'ui-sans-serif, system-ui, -apple-system, "Segoe UI Variable Text", "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif';
const MONO = 'ui-monospace, "SF Mono", "Cascadia Code", "JetBrains Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace';

export const theme = createTheme({
  primaryColor: "petrol",
  primaryShade: { light: 7, dark: 4 },
  autoContrast: true,
  luminanceThreshold: 0.32,
  colors: { petrol, gray, dark, amber, clay },
  fontFamily: SANS,
  fontFamilyMonospace: MONO,
  headings: { fontFamily: SANS, fontWeight: "650" },
  defaultRadius: "md",
  radius: { xs: "4px", sm: "6px", md: "8px", lg: "12px", xl: "18px" },
  cursorType: "pointer",
  focusRing: "auto",
  respectReducedMotion: true,
  components: {
    Modal: { defaultProps: { centered: true, radius: "lg", closeButtonProps: { "aria-label": "Close" }, overlayProps: { backgroundOpacity: 0.38 }, padding: "lg" },
      styles: { content: { background: "var(--fd-surface)" }, header: { background: "var(--fd-surface)" }, title: { fontSize: 17, fontWeight: 650 } },
    },
    // Within a dialog it is no landmark of the page.
    ModalHeader: { defaultProps: { role: "presentation" } },
    DrawerHeader: { defaultProps: { role: "presentation" } },
    Drawer: {
      defaultProps: { closeButtonProps: { "aria-label": "Close" }, overlayProps: { backgroundOpacity: 0.2 }, padding: "lg" },
      styles: { content: { background: "var(--fd-surface)" }, header: { background: "var(--fd-surface)" }, title: { fontSize: 17, fontWeight: 650 } },
    },
    Tooltip: { defaultProps: { openDelay: 350, withArrow: false, radius: "sm" } },
    Badge: { styles: { root: { textTransform: "none", letterSpacing: 0, fontWeight: 600 }, label: { overflow: "visible" } } },
    Button: { defaultProps: { radius: "md" } },
    Notification: { defaultProps: { closeButtonProps: { "aria-label": "Close this notice" } } },
    // The kit's placeholder for the first focus is no item; without it the first item has the focus, as in any menu.
    Menu: { defaultProps: { radius: "md", shadow: "md", withInitialFocusPlaceholder: false } },
  },
});

export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    "--mantine-color-body": "#f8f6f2",
    "--mantine-color-error": "#a8331c",
    "--mantine-color-petrol-light": "#e3f1ee",
    "--mantine-color-petrol-light-hover": "#d5eae5",
    "--mantine-color-petrol-light-color": "#1a665d",
    "--mantine-color-clay-light": "#fbe9e4",
    "--mantine-color-clay-light-hover": "#f7dbd3",
    "--mantine-color-clay-light-color": "#98311d",
    "--mantine-color-amber-light": "#fbf0d9",
    "--mantine-color-amber-light-hover": "#f6e5c1",
    "--mantine-color-amber-light-color": "#754a04",
    "--mantine-color-text": "#24211d",
    "--mantine-color-dimmed": "#69635a",
    "--mantine-color-placeholder": "#79736a",
    "--mantine-color-default-border": "#d5d0c7",
    "--fd-surface": "#ffffff",
    "--fd-raised": "#ffffff",
    "--fd-sunken": "#f1eee8",
    "--fd-canvas": "#f4f1eb",
    "--fd-canvas-dot": "#d8d3c9",
    "--fd-line": "#e5e1d9",
    "--fd-line-strong": "#cfc9be",
    "--fd-edge": "#a39b8e",
    "--fd-accent": "#1d6f65",
    "--fd-accent-soft": "#e3f1ee",
    "--fd-danger": "#a8331c",
    "--fd-danger-soft": "#fbe9e4",
    "--fd-warning": "#8a5600",
    "--fd-warning-soft": "#fbf0d9",
    "--fd-ok": "#1f7049",
    "--fd-ok-soft": "#e2f2e9",
    "--fd-shadow": "0 1px 2px rgb(60 50 35 / 7%), 0 4px 14px rgb(60 50 35 / 6%)",
    "--fd-shadow-high": "0 2px 6px rgb(60 50 35 / 10%), 0 14px 34px rgb(60 50 35 / 14%)",
  },
  dark: {
    "--mantine-color-body": "#141919",
    "--mantine-color-error": "#f09783",
    "--mantine-color-petrol-light": "#1c3531",
    "--mantine-color-petrol-light-hover": "#234640",
    "--mantine-color-petrol-light-color": "#7fd1c4",
    "--mantine-color-gray-light": "#2c3535",
    "--mantine-color-gray-light-hover": "#364141",
    "--mantine-color-gray-light-color": "#d5dbda",
    "--mantine-color-clay-light": "#3d231d",
    "--mantine-color-clay-light-hover": "#4c2b23",
    "--mantine-color-clay-light-color": "#f4a797",
    "--mantine-color-amber-light": "#382c16",
    "--mantine-color-amber-light-hover": "#45371c",
    "--mantine-color-amber-light-color": "#efc778",
    "--mantine-color-text": "#e3e8e7",
    "--mantine-color-dimmed": "#9aa5a3",
    "--mantine-color-placeholder": "#909c9a",
    "--mantine-color-default-border": "#3a4544",
    "--fd-surface": "#1b2121",
    "--fd-raised": "#212828",
    "--fd-sunken": "#111616",
    "--fd-canvas": "#111616",
    "--fd-canvas-dot": "#2a3333",
    "--fd-line": "#2b3434",
    "--fd-line-strong": "#3f4a4a",
    "--fd-edge": "#687573",
    "--fd-accent": "#6cc5b7",
    "--fd-accent-soft": "#1c3531",
    "--fd-danger": "#f09783",
    "--fd-danger-soft": "#3d231d",
    "--fd-warning": "#e8b75a",
    "--fd-warning-soft": "#382c16",
    "--fd-ok": "#7ccba0",
    "--fd-ok-soft": "#1b3327",
    "--fd-shadow": "0 1px 2px rgb(0 0 0 / 35%), 0 4px 14px rgb(0 0 0 / 25%)",
    "--fd-shadow-high": "0 2px 6px rgb(0 0 0 / 45%), 0 14px 34px rgb(0 0 0 / 45%)",
  },
});
