/** What the server says against a form, in the words that stand on the form. */

/** What the API calls a field, and what the form calls it. */
export type Names = Readonly<Record<string, string>>;

const MISSING = /^Missing required parameter ([\w.-]+) in the post body$/;
/** A field's name at the beginning; further on only what is no English word. A dot leads into the field. */
const PATHS = /^[A-Za-z_]+(?:\.[\w-]*)*(?=[ :])|\b(?:[a-z]+_[a-z_]+|(?:[A-Z][a-z]+){2,})(?:\.[\w-]+)*\b/g;

/** A refusal with the form's own names in place of the API's; names that it does not know stay. */
export function inFormsWords(message: string, names: Names): string {
  const missing = MISSING.exec(message)?.[1];
  if (missing) return `${called(missing, names)} is missing`;
  return message.replace(PATHS, (path) => called(path, names));
}

function called(path: string, names: Names): string {
  const parts = path.split(".");
  if (!parts.some((part) => names[part])) return path;
  // What the form does not name itself, such as the object that its fields are in, is called "".
  return `“${parts.map((part) => names[part] ?? part).filter(Boolean).join(", ")}”`;
}
