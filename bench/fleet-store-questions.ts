// Queries a fleet's metric store with recording rules and production analyses, and measures the time.

import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { parse } from 'yaml';
import { z } from 'zod';
import { analyzeProduction } from '../analyzer/production/analyze-production.ts';
import { readDefaultPolicy } from '../core/policy/policy.ts';
import { PrometheusTelemetry } from '../analyzer/evidence/sources/config.ts';
import { readTelemetry } from '../analyzer/evidence/sources/telemetry.ts';
import type { Analysis } from '../core/documents/analysis.ts';
import { AppError } from '../core/errors.ts';

interface Io {
  signal: AbortSignal;
}

const RuleFile = z.object({ groups: z.array(z.object({ rules: z.array(z.object({ expr: z.string() })) })) });
const Answer = z.object({
  status: z.literal('success'),
  isPartial: z.boolean().optional(),
  data: z.object({
    result: z.array(z.object({ metric: z.record(z.string(), z.string()), value: z.tuple([z.number(), z.string()]) })),
  }),
});

/** @param file name of a rule file, such as capacity */
export function rulesOf(file: string): readonly string[] {
  const text = readFileSync(new URL(`../alerts/rules/${file}.yaml`, import.meta.url), 'utf8');
  return RuleFile.parse(parse(text)).groups.flatMap(({ rules }) => rules.map(({ expr }) => expr));
}

type Samples = ReadonlyMap<string, number>;

/** @param at seconds since the epoch @returns values by labels */
export async function ask(url: string, query: string, at: number, { signal }: Io): Promise<Samples> {
  const body = new URLSearchParams({ query, time: String(at), nocache: '1' });
  const response = await fetch(`${url}/api/v1/query`, { method: 'POST', body, signal });
  const text = await response.text();
  if (!response.ok) throw new AppError('prometheus-refused', `${query}: HTTP ${response.status} ${text.slice(0, 300)}`);
  const { data } = Answer.parse(JSON.parse(text));
  return new Map(data.result.map(({ metric, value: [, value] }) => [keyOf(metric), Number(value)]));
}

const keyOf = (labels: Record<string, string>) =>
  JSON.stringify(Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1)));

/** Evaluates rules one after the other, like those of a group. */
export async function evaluate(
  url: string,
  rules: readonly string[],
  at: number,
  io: Io,
): Promise<{ seconds: number; answers: Samples[] }> {
  const began = performance.now();
  const answers = [];
  for (const rule of rules) answers.push(await ask(url, rule, at, io));
  return { seconds: (performance.now() - began) / 1000, answers };
}

/** Compares with a tolerance, because sums are not added in the same order everywhere. */
export const isSame = (one: Samples, other: Samples) =>
  one.size === other.size &&
  [...one].every(([key, value]) => Math.abs((other.get(key) ?? NaN) - value) <= 1e-9 * Math.max(1, Math.abs(value)));

export interface Judged {
  readSeconds: number;
  seconds: number;
  analysis: Analysis;
  requests: number;
  wireBytes: number;
}

export const sourceOf = (url: string) => ({
  kind: 'prometheus',
  url,
  select: { brokers: 'cluster="$cluster"', hosts: 'host=~"$cluster-.*"' },
});

/**
 * Judges a day of production like the service.
 *
 * @param isSelected whether the source labels series with their cluster
 */
export async function judge(
  url: string,
  { cluster, to, isSelected = true }: { cluster: string; to: Date; isSelected?: boolean },
  { signal }: Io,
): Promise<Judged> {
  const began = performance.now();
  const from = new Date(to.getTime() - 86_400_000);
  const { select, ...whole } = sourceOf(url);
  const source = PrometheusTelemetry.parse({ ...whole, ...(isSelected && { select }) });
  const telemetry = await readTelemetry(source, { from, to, stepSeconds: 60, cluster }, { signal });
  const read = performance.now();
  const analysis = analyzeProduction(telemetry, { cluster, broker: 'kafka' }, readDefaultPolicy());
  return {
    readSeconds: (read - began) / 1000,
    seconds: (performance.now() - began) / 1000,
    analysis,
    ...(telemetry.cost as NonNullable<typeof telemetry.cost>),
  };
}

export const isSameVerdict = (one: Analysis, other: Analysis) => isDeepStrictEqual(one.safeMaxTps, other.safeMaxTps);
