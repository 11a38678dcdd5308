// Defines a host tool importer: it recognises the output of one tool and reads rates, numbers and printed times from it.

import type { HostRates, JvmRates } from '../../../../core/documents/evidence/imported-telemetry.ts';
import type { LocalDate } from './printed-time.ts';
import { AppError } from '../../../../core/errors.ts';

/** End of an interval, as printed. */
export type PrintedTime =
  | { kind: 'instant'; epochMs: number }
  /** Wall clock of a host without a stated zone. `dates`: all possible meanings of the text; empty if no date was printed. */
  | { kind: 'local'; dates: readonly LocalDate[]; secondOfDay: number }
  /** Only the order is known. */
  | {
      kind: 'order';
      /** The first line is printed at the start of the tool, not an interval later. */
      isPrintedAtStart?: true;
    };

export interface ToolReading {
  at: PrintedTime;
  /** Absent if it follows from the previous reading. */
  intervalSeconds?: number;
  host?: HostRates;
  jvm?: JvmRates;
}

export interface ToolReadings {
  hostName?: string;
  cores?: number;
  /** In text order. */
  readings: readonly ToolReading[];
  /** Unused content of the text, as a description, with counts. */
  left: ReadonlyMap<string, number>;
}

export interface HostToolImporter {
  /** Name of the tool, for display. */
  readonly tool: string;
  /** @param head the first 64 KiB */
  detect(head: string): boolean;
  /** @throws AppError readings-unreadable */
  import(text: string): ToolReadings;
}

/** Counts unused content of a text, by description. */
export function leftOut() {
  const left = new Map<string, number>();
  return { left, leave: (what: string) => void left.set(what, (left.get(what) ?? 0) + 1) };
}

export function unreadableReadings(tool: string, what: string, hint?: string): AppError {
  return new AppError('readings-unreadable', `cannot read this as output of ${tool}: ${what}`, { hint });
}

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
