// Removes control characters and direction marks from text for display.

/** Joins lines. */
export const shown = (text: string): string =>
  text.replaceAll(/\s+/g, ' ').replaceAll(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, '·');

/** Returns non-empty lines, for formats that can show several. */
export const shownLines = (text: string): string[] =>
  text
    .split('\n')
    .map(shown)
    .filter((line) => line.trim() !== '');
