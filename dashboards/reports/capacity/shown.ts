// Removes control characters and direction marks from text before it is shown.

/** One line. */
export const shown = (text: string): string =>
  text.replaceAll(/\s+/g, ' ').replaceAll(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, '·');

/** Each line, for a form that can show several; empty ones are left out. */
export const shownLines = (text: string): string[] =>
  text
    .split('\n')
    .map(shown)
    .filter((line) => line.trim() !== '');
