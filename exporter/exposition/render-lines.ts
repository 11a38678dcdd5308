// Renders measurements to bytes within the series budget, and yields to other work regularly.

import { setImmediate } from 'node:timers/promises';
import { getOrMake } from '../../core/get-or-make.ts';
import { hasRuns, type Measurement, type MetricDefinition, type Run, type Runs } from '../collector.ts';
import type { SeriesCount } from './series-count.ts';
import { createPrefixWriter, createSampleWriter, escapeLabel, type Origin, renderValue } from './text-format.ts';
import { type Detail, detailOf, foldLabels } from './detail.ts';
import { acquireChunk, chunkBytes } from './chunk-pool.ts';

interface RenderOptions {
  origin: Origin;
  /** Details to omit; additive series are summed with `_other` for the omitted label. */
  shed: ReadonlySet<Detail>;
  count: SeriesCount;
}

/** Samples rendered before other work of the process gets a turn, a few milliseconds: one by one, or in runs. */
const samplesAtOnce = 1000;
const samplesOfRunsAtOnce = 10_000;

type Sums = Map<string, { labels: readonly string[]; value: number | bigint }>;

interface Family {
  name: string;
  definition: MetricDefinition;
  detail: Detail;
  sink: LineSink;
  write: (labels: readonly string[], value: number | bigint, part?: Measurement['part']) => string;
  prefixOf: (labels: readonly string[]) => string;
  /** The origin has the last label of the run, so its series cannot share a prefix. */
  isWrittenOneByOne: boolean;
  /** Set if this family's series are summed: the sums by the remaining labels. */
  sums?: Sums;
}

/**
 * @returns undefined as soon as the number of series exceeds the budget
 * @throws Error of the collector, or if it emits an undeclared metric
 */
export async function renderLines(
  definitions: Readonly<Record<string, MetricDefinition>>,
  measurements: Iterable<Measurement> | Runs,
  { origin, shed, count }: RenderOptions,
): Promise<ReadonlyMap<string, readonly Buffer[]> | undefined> {
  const families = new Map<string, Family>();
  const familyOf = (metric: string): Family =>
    getOrMake(families, metric, () => {
      const definition = definitions[metric];
      if (definition === undefined) throw new Error(`metric ${metric} is not declared by its collector`);
      return open(metric, definition, origin, shed);
    });
  // Yields between collectors, since many small clusters never reach the sample limit.
  await setImmediate();
  const isWithin = hasRuns(measurements)
    ? await writeRuns(measurements.runs(), familyOf, { shed, count })
    : await writeAll(measurements, familyOf, { shed, count });
  if (!isWithin) return undefined;
  for (const family of families.values()) {
    for (const { labels, value } of family.sums?.values() ?? []) {
      if (!count.shown()) return undefined;
      family.sink.line(family.write(labels, value));
    }
  }
  return new Map(
    [...families.values()]
      .map(({ name, sink }) => [name, sink.end()] as const)
      .filter(([, chunks]) => chunks.length > 0),
  );
}

type FamilyOf = (metric: string) => Family;
type Bounds = Pick<RenderOptions, 'shed' | 'count'>;

/** @returns false if the budget is exhausted */
async function writeAll(measurements: Iterable<Measurement>, familyOf: FamilyOf, bounds: Bounds): Promise<boolean> {
  let untilRest = samplesAtOnce;
  for (const measurement of measurements) {
    if (!writeOne(familyOf(measurement.metric), measurement, bounds)) return false;
    if (--untilRest > 0) continue;
    untilRest = samplesAtOnce;
    await setImmediate();
  }
  return true;
}

async function writeRuns(runs: Iterable<Run>, familyOf: FamilyOf, bounds: Bounds): Promise<boolean> {
  const { count } = bounds;
  let untilRest = samplesOfRunsAtOnce;
  for (const run of runs) {
    const family = familyOf(run.metric);
    const isOneByOne = family.sums !== undefined || family.isWrittenOneByOne;
    const prefix = isOneByOne ? '' : family.prefixOf(run.labels);
    for (let from = 0; from < run.last.length;) {
      const to = Math.min(run.last.length, from + untilRest);
      if (isOneByOne) {
        for (let index = from; index < to; index++) {
          const labels = [...run.labels, String(run.last[index])];
          if (!writeOne(family, { labels, value: run.values[index] ?? NaN }, bounds)) return false;
        }
      } else {
        count.found(family.detail, to - from);
        if (!count.shown(to - from)) return false;
        family.sink.run(prefix, run, from, to);
      }
      untilRest -= to - from;
      from = to;
      if (untilRest > 0) continue;
      untilRest = samplesOfRunsAtOnce;
      await setImmediate();
    }
  }
  return true;
}

function writeOne(
  family: Family,
  { labels, value, part }: Omit<Measurement, 'metric'>,
  { shed, count }: Bounds,
): boolean {
  const { definition, sums, detail } = family;
  count.found(detail);
  if (sums !== undefined) {
    if (definition.additive === true) addUp(sums, foldLabels(definition.labels, labels, shed), value);
    return true;
  }
  if (!count.shown()) return false;
  family.sink.line(family.write(labels, value, part));
  return true;
}

function open(name: string, definition: MetricDefinition, origin: Origin, shed: ReadonlySet<Detail>): Family {
  const { labels } = definition;
  const detail = detailOf(labels);
  return {
    name,
    definition,
    detail,
    sink: createLineSink(),
    write:
      definition.type === 'histogram'
        ? histogramWriter(name, labels, origin)
        : createSampleWriter(name, labels, origin),
    prefixOf: createPrefixWriter(name, labels, origin),
    isWrittenOneByOne: origin.names.includes(labels.at(-1) ?? ''),
    ...(shed.has(detail) && { sums: new Map() as Sums }),
  };
}

function histogramWriter(name: string, labels: readonly string[], origin: Origin): Family['write'] {
  const bucket = createSampleWriter(`${name}_bucket`, [...labels, 'le'], origin);
  const sum = createSampleWriter(`${name}_sum`, labels, origin);
  const count = createSampleWriter(`${name}_count`, labels, origin);
  return (values, value, part) => {
    if (typeof part === 'object') return bucket([...values, renderValue(part.le)], value);
    return part === 'sum' ? sum(values, value) : count(values, value);
  };
}

function addUp(sums: Sums, labels: readonly string[], value: number | bigint): void {
  const key = labels.join('\0');
  const sum = sums.get(key);
  if (sum === undefined) sums.set(key, { labels, value });
  // A sum stays exact as long as all of its values are.
  else if (typeof sum.value === 'bigint' && typeof value === 'bigint') sum.value += value;
  else sum.value = Number(sum.value) + Number(value);
}

/** The first chunk is small, as most families are; later chunks are almost all full. */
const firstChunkBytes = 1024;
/** A JavaScript character takes at most three bytes of UTF-8. */
const bytesPerCharacter = 3;
/** Closing quote and brace, blank, the digits of an int64 and a line feed, with a margin. */
const afterLabelBytes = 32;

const [zero, quote, brace, blank, lineFeed] = [...Buffer.from('0"} \n')] as [number, number, number, number, number];

type LineSink = ReturnType<typeof createLineSink>;

/** Writes sample lines directly into byte chunks, without a string per line and without splitting a line. */
function createLineSink() {
  const chunks: Buffer[] = [];
  let chunk: Buffer = Buffer.allocUnsafe(firstChunkBytes);
  let at = 0;

  function close(): void {
    if (at > 0) chunks.push(chunk.subarray(0, at));
    at = 0;
  }

  function makeRoom(bytes: number): void {
    if (at + bytes <= chunk.length) return;
    close();
    chunk = bytes > chunkBytes ? Buffer.allocUnsafeSlow(bytes) : acquireChunk();
  }

  return {
    /** @param line including its line feed */
    line(line: string) {
      makeRoom(bytesPerCharacter * line.length);
      at += chunk.write(line, at);
    },

    /** @param prefix of all lines, up to the opening quote of the last label. @param from, to range of the run's samples */
    run(prefix: string, { last, values }: Run, from: number, to: number) {
      const before = Buffer.from(prefix);
      for (let index = from; index < to; index++) {
        const label = last[index] ?? '';
        const text = typeof label === 'string' ? escapeLabel(label) : '';
        makeRoom(before.length + bytesPerCharacter * text.length + 2 * afterLabelBytes);
        // Local variables avoid writing chunk and position back at every byte.
        const bytes = chunk;
        bytes.set(before, at);
        let place = at + before.length;
        place = typeof label === 'number' ? writeNumber(bytes, label, place) : place + bytes.write(text, place);
        bytes[place] = quote;
        bytes[place + 1] = brace;
        bytes[place + 2] = blank;
        place = writeNumber(bytes, values[index] ?? NaN, place + 3);
        bytes[place] = lineFeed;
        at = place + 1;
      }
    },

    /** Closes the current chunk. */
    end(): readonly Buffer[] {
      close();
      return chunks;
    },
  };
}

/** @returns the position after it */
function writeNumber(bytes: Buffer, value: number | bigint, at: number): number {
  const safe = Number(value);
  // Large offsets are exact only as text; -0 is not 0.
  if (Number.isSafeInteger(safe) && safe >= 0 && !Object.is(safe, -0)) return writeDigits(bytes, safe, at);
  return at + bytes.write(renderValue(value), at, 'latin1');
}

/** Writes a safe integer. @returns the position after its digits */
function writeDigits(bytes: Buffer, value: number, at: number): number {
  if (value < 1e9) {
    let end = at + 1;
    for (let power = 10; power <= value; power *= 10) end++;
    writePadded(bytes, value, at, end);
    return end;
  }
  const high = Math.floor(value / 1e9);
  const end = writeDigits(bytes, high, at) + 9;
  writePadded(bytes, value - high * 1e9, end - 9, end);
  return end;
}

/** @param value below 10^9. @param from, to range of digits, padded with leading zeros */
function writePadded(bytes: Buffer, value: number, from: number, to: number): void {
  let rest = value | 0;
  for (let place = to - 1; place >= from; place--) {
    const left = (rest / 10) | 0;
    bytes[place] = zero + rest - 10 * left;
    rest = left;
  }
}
