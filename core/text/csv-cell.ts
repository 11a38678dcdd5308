// Writes one cell of a CSV file, and escapes text that a spreadsheet could take for a formula.

/** Quotes per RFC 4180; an apostrophe makes text that starts like a formula plain text. */
export function csvCell(text: string | undefined): string {
  if (text === undefined) return '';
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
