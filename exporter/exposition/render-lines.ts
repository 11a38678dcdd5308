// How do measurements become bytes, as many as there may be, without holding up the process or passing the budget?

import { setImmediate } from 'node:timers/promises';
import type { Measurement, MetricDefinition } from '../collector.ts';
import type { SeriesCount } from './series-count.ts';
import { createSampleWriter, type Origin } from './text-format.ts';
import { detailOf, foldLabels, type Detail } from './detail.ts';

export interface RenderOptions {
  origin: Origin;
  /** Series of these details are left out; those that may be added up are, with `_other` in place of what was left out. */
  shed: ReadonlySet<Detail>;
  count: SeriesCount;
}

/** Other work of the process waits for no more than this many samples, a few milliseconds. */
const samplesAtOnce = 1000;
/** A chunk is closed past this many characters, so that the bytes are made in small pieces. */
const chunkCharacters = 64 * 1024;

interface Family {
  write: (labels: readonly string[], value: number | bigint) => string;
  text: string;
  chunks: Buffer[];
  detail: Detail;
  /** Present where this family's series are shed: the sums by the labels that are left. */
  sums?: Map<string, { labels: readonly string[]; value: number | bigint }>;
}

/**
 * @returns undefined as soon as more series were rendered than the budget allows
 * @throws Error when the collector does, or when it prints what it does not declare
 */
export async function renderLines(
  definitions: Readonly<Record<string, MetricDefinition>>,
  measurements: Iterable<Measurement>,
  { origin, shed, count }: RenderOptions,
): Promise<ReadonlyMap<string, readonly Buffer[]> | undefined> {
  const families = new Map<string, Family>();
  let untilRest = samplesAtOnce;
  for (const { metric, labels, value } of measurements) {
    const definition = definitions[metric];
    if (definition === undefined) throw new Error(`metric ${metric} is not declared by its collector`);
    let family = families.get(metric);
    if (family === undefined) {
      family = open(metric, definition, origin, shed);
      families.set(metric, family);
    }
    count.found(family.detail);
    if (family.sums !== undefined) {
      if (isAdditive(definition)) addUp(family.sums, foldLabels(definition.labels, labels, shed), value);
    } else {
      if (!count.shown()) return undefined;
      append(family, family.write(labels, value));
    }
    if (--untilRest > 0) continue;
    untilRest = samplesAtOnce;
    await setImmediate();
  }
  for (const family of families.values()) {
    for (const { labels, value } of family.sums?.values() ?? []) {
      if (!count.shown()) return undefined;
      append(family, family.write(labels, value));
    }
    close(family);
  }
  return new Map(
    [...families].filter(([, { chunks }]) => chunks.length > 0).map(([name, { chunks }]) => [name, chunks]),
  );
}

function open(name: string, definition: MetricDefinition, origin: Origin, shed: ReadonlySet<Detail>): Family {
  const detail = detailOf(definition.labels);
  const write = createSampleWriter(name, definition.labels, origin);
  return { write, text: '', chunks: [], detail, ...(shed.has(detail) && { sums: new Map() }) };
}

function append(family: Family, line: string): void {
  family.text += line;
  if (family.text.length > chunkCharacters) close(family);
}

function close(family: Family): void {
  if (family.text !== '') family.chunks.push(Buffer.from(family.text));
  family.text = '';
}

function isAdditive({ type, additive }: MetricDefinition): boolean {
  return additive ?? type === 'counter';
}

function addUp(
  sums: Map<string, { labels: readonly string[]; value: number | bigint }>,
  labels: readonly string[],
  value: number | bigint,
): void {
  const key = labels.join('\0');
  const sum = sums.get(key);
  if (sum === undefined) sums.set(key, { labels, value });
  // Offsets stay exact as long as all of a sum are.
  else if (typeof sum.value === 'bigint' && typeof value === 'bigint') sum.value += value;
  else sum.value = Number(sum.value) + Number(value);
}
