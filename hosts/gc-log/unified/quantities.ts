// How are sizes and durations written? `51M`, `61670K`, `4982,3M`; `1.344ms`, `0,006s`.

const unitBytes: Readonly<Record<string, number>> = { B: 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 };

/** Some locales write a comma. */
export function decimal(text: string): number {
  const value = Number(text);
  return Number.isNaN(value) ? Number(text.replace(',', '.')) : value;
}

export const bytesOf = (amount: string, unit: string): number => Math.round(decimal(amount) * (unitBytes[unit] ?? 1));

/** A number in a regular expression: no longer than any figure of a JVM. */
export const figure = String.raw`\d{1,15}(?:[.,]\d{1,9})?`;

export const size = String.raw`(${figure})([BKMGT])`;
