// Removes control characters and direction marks from text for display.

import { plain } from '../../../core/text/table.ts';

/** Joins lines. */
export const shown = (text: string): string => plain(text.replaceAll(/\s+/g, ' '));

/** Returns non-empty lines, for formats that can show several. */
export const shownLines = (text: string): string[] =>
  text
    .split('\n')
    .map(shown)
    .filter((line) => line.trim() !== '');
