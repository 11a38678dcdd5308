// Parses quantities: text with units in config and on the command line, base units in code. `z.encode` formats them.

import { z } from 'zod';
import { bitsPerSecond, bytes, ratio } from '../units.ts';
import { seconds } from '../clock.ts';

const pattern = /^\s*(\d+(?:\.\d+)?)\s*([A-Za-z%]*)\s*$/;

const durationUnits = { ms: 1e-3, s: 1, m: 60, h: 3600, d: 86_400 };
const sizeUnits = {
  B: 1,
  kB: 1e3,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
};
const bitRateUnits = { bit: 1, kbit: 1e3, mbit: 1e6, gbit: 1e9 };
const ratioUnits = { '%': 1e-2 };

/** @returns base units; undefined if the text is not a number with one of the units */
function parseQuantity(text: string, units: Record<string, number>): number | undefined {
  const [, digits, unit] = pattern.exec(text) ?? [];
  const factor = unit === undefined ? undefined : Object.hasOwn(units, unit) ? units[unit] : undefined;
  return digits === undefined || factor === undefined ? undefined : Number(digits) * factor;
}

/** A number with a unit type. */
export const branded = <T extends number>(written: z.ZodNumber, brand: (value: number) => T) =>
  z.codec(
    written,
    z.custom<T>((value) => typeof value === 'number'),
    { decode: brand, encode: Number },
  );

function quantity<T extends number>(
  what: string,
  example: string,
  units: Record<string, number>,
  brand: (value: number) => T,
) {
  const base = Object.entries(units).find(([, factor]) => factor === 1)?.[0] ?? '';
  const refuse = (given: unknown) =>
    `${JSON.stringify(given)} is not ${what}, such as ${example} (units: ${Object.keys(units).join(', ')})`;
  const written = z.string({ error: ({ input }) => (input === undefined ? undefined : refuse(input)) });
  const inBaseUnits = z.custom<T>((value) => typeof value === 'number');
  return z
    .codec(written, inBaseUnits, {
      decode(text, context) {
        const value = parseQuantity(text, units);
        if (value !== undefined) return brand(value);
        context.issues.push({ code: 'custom', input: text, message: refuse(text) });
        return z.NEVER;
      },
      encode: (value) => `${value}${base}`,
    })
    .meta({ description: `${what}, such as ${example}`, examples: [example] });
}

export const Duration = quantity('a duration', '20s', durationUnits, seconds);
export const Size = quantity('a size', '500B or 64KiB', sizeUnits, bytes);
export const BitRate = quantity('a link speed', '50mbit', bitRateUnits, bitsPerSecond);

/** Unbounded: a figure may be worse by more than 100%. */
export const Percentage = quantity('a share', '70%', ratioUnits, ratio);

const aboveOne = 'a share is between 0 and 1; write 0.7 or 70%';

/** `0.7` or `70%`. */
export const Share = z.union([
  branded(z.number().positive().max(1, aboveOne), ratio),
  Percentage.refine((share) => share <= 1, aboveOne),
]);
