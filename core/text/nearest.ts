// Finds the known word closest to a misspelled one, for unknown commands, options and config keys.

import { distance } from 'fastest-levenshtein';

/** @returns the closest candidate, if few enough letters differ for a typing error */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined;
  let fewest = Math.max(1, Math.floor(word.length / 2));
  for (const candidate of candidates) {
    const letters = distance(word.toLowerCase(), candidate.toLowerCase());
    if (letters < fewest || (letters === fewest && best === undefined)) [best, fewest] = [candidate, letters];
  }
  return best;
}

/** @returns a hint with the closest candidate, else `otherwise` */
export function meantHint(word: string, candidates: Iterable<string>, otherwise: string): string {
  const meant = nearest(word, candidates);
  return meant === undefined ? otherwise : `did you mean ${meant}?`;
}
