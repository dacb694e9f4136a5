/** Build elements without HTML strings: every text a person wrote stays text. */

type Child = Node | string | null | false | undefined;
type Attributes = Record<string, string | boolean | ((event: never) => void) | null | undefined>;

/** An element with attributes, listeners (`onclick`) and children. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name.slice(2), value as EventListener);
    else if (value === true) element.setAttribute(name, "");
    else if (typeof value === "string") element.setAttribute(name, value);
  }
  element.append(...children.filter((child): child is Node | string => Boolean(child)));
  return element;
}

const ICONS = {
  chat: "M4 5.5A2.5 2.5 0 0 1 6.5 3h11A2.5 2.5 0 0 1 20 5.5v8a2.5 2.5 0 0 1-2.5 2.5H11l-4.6 4.1c-.5.5-1.4.1-1.4-.7V16A2.5 2.5 0 0 1 4 13.5z",
  down: "M5 9l7 7 7-7",
  send: "M4.5 12 3.3 5.200c-.2-1 .8-1.8 1.7-1.4l15 7.3c.8.4.8 1.5 0 1.9l-15 7.2c-.9.4-1.900-.4-1.7-1.4L4.5 12zm0 0H12",
  more: "M12 5.5v.01M12 12v.01M12 18.5v.01",
  close: "M6 6l12 12M18 6 6 18",
  clip: "M20 11.5l-8.100 8.100a5.200 5.200 0 0 1-7.400-7.400l8.400-8.400a3.500 3.500 0 0 1 5 5l-8.400 8.400a1.700 1.700 0 0 1-2.500-2.500l7.600-7.600",
  question: "M12 21a9 9 0 1 0-9-9 9 9 0 0 0 9 9zM9.500 9.300a2.600 2.600 0 1 1 3.600 2.600c-.7.3-1.100.9-1.100 1.600v.3M12 17v.01",
  wave: "M8 13V5.500a1.500 1.500 0 0 1 3 0V11m0-6.500a1.500 1.500 0 0 1 3 0V11m0-4.500a1.500 1.500 0 0 1 3 0V14a7 7 0 0 1-7 7c-3 0-4.500-1.500-6-4l-2-3.500a1.500 1.500 0 0 1 2.600-1.500L8 14.500",
  mail: "M3 7a2 2 0 0 1 2-2h14a2 2 0 0 1 2 2v10a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2zm0 .5 9 6 9-6",
  clock: "M12 21a9 9 0 1 0-9-9 9 9 0 0 0 9 9zM12 7v5l3 2",
  file: "M14 3H7a2 2 0 0 0-2 2v14a2 2 0 0 0 2 2h10a2 2 0 0 0 2-2V8zm0 0v5h5",
};

export type IconName = keyof typeof ICONS;

/** A line drawing that takes the text's colour; hidden from screen readers, whose name is the button's. */
export function icon(name: IconName, more = ""): SVGSVGElement {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("class", `icon icon-${name} ${more}`);
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

/** Show or hide an element for everybody, screen readers included. */
export function show(element: HTMLElement, visible: boolean): void {
  element.hidden = !visible;
}
