// Finds the known word that an unknown one means: a typing error, or a name with the same parts.

import { distance } from 'fastest-levenshtein';

/** @returns the closest candidate if it looks like a typing error; else the only one that shares the most parts, as `size` and `messageSize` do */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const all = [...candidates];
  let best: string | undefined;
  let fewest = Number.POSITIVE_INFINITY;
  for (const candidate of all) {
    const letters = distance(word.toLowerCase(), candidate.toLowerCase());
    if (letters < fewest && isTypingError(word, candidate, letters)) [best, fewest] = [candidate, letters];
  }
  if (best !== undefined) return best;
  const sharing = sharingMost(partsOf(word), all);
  const extended = sharing.filter((each) => each.startsWith(word) || word.startsWith(each));
  const chosen = extended.length === 1 ? extended : sharing;
  return chosen.length === 1 ? chosen[0] : undefined;
}

/** Up to a third of the letters differ, or up to half if both words have the same letters or begin alike. */
function isTypingError(word: string, candidate: string, letters: number): boolean {
  if (letters <= Math.floor(word.length / 3)) return true;
  const [one, other] = [word.toLowerCase(), candidate.toLowerCase()];
  return letters <= word.length / 2 && (one.slice(0, 2) === other.slice(0, 2) || sorted(one) === sorted(other));
}

const sorted = (word: string) => Array.from(word).toSorted().join('');

/** @returns the candidates that share the largest ratio of their parts; none if no part is shared */
export function sharingMost(parts: ReadonlySet<string>, candidates: readonly string[], read = partsOf): string[] {
  const ratios = candidates.map((candidate) => {
    const own = read(candidate);
    return own.intersection(parts).size / own.union(parts).size;
  });
  const most = Math.max(...ratios);
  return candidates.filter((_, index) => most > 0 && ratios[index] === most);
}

/** `message-size`, `messageSize` and `message sizes` have the same parts. */
export const partsOf = (name: string): Set<string> =>
  new Set(
    name
      .split(/[^\p{L}\p{N}]+|(?<=\p{Ll})(?=\p{Lu})/u)
      .filter(Boolean)
      .map((part) => part.toLowerCase().replace(/(?<=..[^su])s$/, '')),
  );

/** @returns a hint with the closest candidate, else `otherwise` */
export function meantHint(word: string, candidates: Iterable<string>, otherwise: string): string {
  const meant = nearest(word, candidates);
  return meant === undefined ? otherwise : `did you mean ${meant}?`;
}
