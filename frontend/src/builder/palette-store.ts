import { createSpotlight } from "@mantine/spotlight";

/** Opens and closes the command palette. */
export const [paletteStore, palette] = createSpotlight();
