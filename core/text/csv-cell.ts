// Writes one cell of a CSV file, and escapes text that a spreadsheet could take for a formula.

/**
 * Quotes per RFC 4180; an apostrophe makes text that starts like a formula plain text. East Asian Excel and Apple
 * Numbers read full-width signs as the ASCII ones (github.com/OWASP/www-community/issues/1088).
 */
export function csvCell(text: string | undefined): string {
  if (text === undefined) return '';
  const safe = /^\s*[=+\-@＝＋－＠]|^[\t\r\n]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
