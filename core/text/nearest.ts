// Finds the known word closest to a misspelled one, for unknown commands, options and config keys.

import { distance } from 'fastest-levenshtein';

/** @returns the closest candidate, if few enough letters differ for a typing error; or the only one that shares a part, as `step-duration` and `duration` do */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const all = [...candidates];
  let best: string | undefined;
  let fewest = Math.max(1, Math.floor(word.length / 2));
  for (const candidate of all) {
    const letters = distance(word.toLowerCase(), candidate.toLowerCase());
    if (letters < fewest || (letters === fewest && best === undefined)) [best, fewest] = [candidate, letters];
  }
  if (best !== undefined) return best;
  const parts = partsOf(word);
  const [sharing, ...others] = all.filter((candidate) => !parts.isDisjointFrom(partsOf(candidate)));
  return others.length === 0 ? sharing : undefined;
}

const partsOf = (name: string) => new Set(name.toLowerCase().match(/[^-_.]+/g));

/** @returns a hint with the closest candidate, else `otherwise` */
export function meantHint(word: string, candidates: Iterable<string>, otherwise: string): string {
  const meant = nearest(word, candidates);
  return meant === undefined ? otherwise : `did you mean ${meant}?`;
}
