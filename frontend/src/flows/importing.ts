/** What can be told about an import before the server sees it. */

/** Bytes; the server's own bound. */
export const MAX_IMPORT = 2 * 1024 * 1024;

const megabytes = (bytes: number) => `${(bytes / 1024 / 1024).toFixed(1)} MB`;

export function fileProblem(file: Pick<File, "size" | "name">): string | null {
  if (file.size > MAX_IMPORT) return `“${file.name}” has ${megabytes(file.size)}; a definition may have ${megabytes(MAX_IMPORT)}.`;
  return file.size === 0 ? `“${file.name}” is empty.` : null;
}

export function textProblem(text: string): string | null {
  if (!text.trim()) return "Paste a definition or choose a file first.";
  const bytes = new Blob([text]).size;
  return bytes > MAX_IMPORT ? `The text has ${megabytes(bytes)}; a definition may have ${megabytes(MAX_IMPORT)}.` : null;
}

/** `my_welcome-flow.json` → `my welcome flow` */
export function nameFromFile(name: string): string {
  return name.replace(/\.json$/i, "").replace(/[_-]+/g, " ").trim();
}
