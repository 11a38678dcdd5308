// Parses printed numbers, with the decimal point or comma of any locale.

/** `12.5`, `12,5`, `1234`. Tools that print columns do not group thousands. */
const decimal = /^[+-]?\d+(?:[.,]\d+)?$/;

export function readNumber(word: string | undefined): number | undefined {
  return word !== undefined && decimal.test(word) ? Number(word.replace(',', '.')) : undefined;
}

/** @returns a share of 1; at most 1, because rounding can exceed 100% */
export const shareOf = (percent: number): number => Math.min(1, percent / 100);

export function readPercent(word: string | undefined): number | undefined {
  const value = readNumber(word);
  return value === undefined || value < 0 ? undefined : shareOf(value);
}

const unitBytes: Readonly<Record<string, number>> = {
  B: 1,
  b: 1,
  k: 2 ** 10,
  m: 2 ** 20,
  g: 2 ** 30,
  t: 2 ** 40,
  p: 2 ** 50,
};

/** `1.2Gi`, `662Mi`, `0B`, `49435k`. @param plain bytes per unit if no unit is printed */
export function readSize(word: string | undefined, plain: number): number | undefined {
  const [, digits, unit] = /^(\d+(?:[.,]\d+)?)([A-Za-z])?i?B?$/.exec(word ?? '') ?? [];
  const value = readNumber(digits);
  if (value === undefined) return undefined;
  const factor = unit === undefined ? plain : (unitBytes[unit] ?? unitBytes[unit.toLowerCase()]);
  return factor === undefined ? undefined : value * factor;
}
