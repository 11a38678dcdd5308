// Defines a bench: it measures Plimsoll and its peers in turns, and returns one row per figure.

import { z } from 'zod';
import type { Clock } from '../core/clock.ts';
import type { Option } from '../cli/command.ts';
import type { Output } from '../app/caller.ts';
import { AppError } from '../core/errors.ts';

/** Another program measured in the same invocation; a `missing` one has no figure, and the row states the reason. */
export type Peer =
  { name: string; version: string; value: number } | { name: string; missing: string; value?: undefined };

export interface BenchResult {
  metric: string;
  unit: string;
  ours: number;
  peer?: Peer;
  /** Goal with its unit, such as `at most 0.05`; `none` if the figure has no goal. */
  goal: string;
  /** Absent if unknown, for example without the peer of the comparison. */
  met?: boolean;
}

export interface BenchIo {
  options: Readonly<Record<string, string | boolean | undefined>>;
  /** Receives progress messages; the table is written elsewhere. */
  stderr: Output;
  signal: AbortSignal;
  clock: Clock;
}

export interface Bench {
  name: string;
  summary: string;
  options: Readonly<Record<string, Option>>;
  /** Page with the list of runs that each run is appended to, relative to the repository, such as `docs/evidence/truth.md`. */
  evidence?: string;
  /** Returns true for options with which the bench records runs itself or not at all: no run is appended. */
  recordsItself?(options: BenchIo['options']): boolean;
  run(io: BenchIo): Promise<readonly BenchResult[]>;
}

/** @throws AppError usage that names the bench and each invalid option */
export function parseOptions<Schema extends z.ZodType>(bench: string, schema: Schema, given: object): z.output<Schema> {
  const parsed = schema.safeParse(given);
  if (!parsed.success) throw new AppError('usage', `bench ${bench}: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

/** @param most 0 if there must be none */
export const atMost = (metric: string, unit: string, ours: number, most: number): BenchResult => ({
  metric,
  unit,
  ours,
  goal: most === 0 ? '0' : `at most ${most}`,
  met: ours <= most,
});

export const below = (metric: string, unit: string, ours: number, bound: number): BenchResult => ({
  metric,
  unit,
  ours,
  goal: `below ${bound}`,
  met: ours < bound,
});

/**
 * Runs the contenders in turns, so that a slow minute of the machine affects all of them.
 * @param rounds at least three
 * @returns the median of each contender's figures
 */
export async function interleave<Name extends string>(
  contenders: Readonly<Record<Name, () => Promise<number>>>,
  rounds = 3,
): Promise<Record<Name, number>> {
  const names = Object.keys(contenders) as Name[];
  const figures = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>;
  for (let round = 0; round < Math.max(3, rounds); round += 1) {
    for (const name of names) figures[name].push(await contenders[name]());
  }
  return Object.fromEntries(names.map((name) => [name, median(figures[name])])) as Record<Name, number>;
}

/** @param figures at least one figure */
export function median(figures: readonly number[]): number {
  const sorted = figures.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  const [low, high] = [sorted[Math.floor(middle)], sorted[Math.ceil(middle)]];
  if (low === undefined || high === undefined) throw new RangeError('the median of no figures');
  return (low + high) / 2;
}
