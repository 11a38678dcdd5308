import { readFileSync, readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { linesOf, readLegacy } from '../../../../support/legacy-events.ts';

const folder = new URL('../../../../fixtures/gc-logs/legacy/', import.meta.url);
const read = (name: string) => readFileSync(new URL(name, folder), 'latin1');
const logs = readdirSync(folder);

/**
 * The duration before a line end or before the processor times is that of a whole record; durations of its parts precede
 * the next part. Concurrent phases, class histograms and the last kind of references end lines too.
 */
function printedSeconds(text: string): number[] {
  const lines = text.split('\n');
  return lines.flatMap((line, number) => {
    if (/concurrent-|\[Preclean |^Application/.test(line)) return [];
    // The end of a class histogram; one without brackets has no length.
    if (line.startsWith(',') && lines[number - 1]?.startsWith('Total ')) return [];
    return [...line.matchAll(/(?<!Reference), (\d+\.\d{7}) secs\](?= \[Times:|\s*$)/g)].map(([, seconds]) =>
      Number(seconds),
    );
  });
}

test.each(logs)('finds every pause of %s with its printed duration', (name) => {
  const text = read(name);
  const printed = printedSeconds(text);
  const { pauses } = readLegacy(linesOf(text));
  const ascending = (a: number, b: number) => a - b;
  expect(printed.length).toBeGreaterThan(3);
  expect(pauses.map(({ durationSeconds }) => durationSeconds).sort(ascending)).toEqual(printed.sort(ascending));
});

test.each(logs.filter((name) => !name.includes('two-writers')))('parses every line of %s', (name) => {
  expect(readLegacy(linesOf(read(name))).unparsed).toEqual([]);
});

test.each(logs.filter((name) => /rocketmq-broker|every-diagnostic|out-of-memory/.test(name)))(
  'counts every stop of %s',
  (name) => {
    const text = read(name);
    const printed = [...text.matchAll(/stopped: (\d+\.\d+) seconds/g)].map(([, seconds]) => Number(seconds));
    const stops = readLegacy(linesOf(text)).events.filter((event) => event.kind === 'stop');
    expect(stops.map(({ totalSeconds }) => totalSeconds)).toEqual(printed);
  },
);

test('all stops of an otherwise idle broker are for GC', () => {
  const { events, pauses } = readLegacy(linesOf(read('8-g1-rocketmq-broker.log')));
  const stops = events.filter((event) => event.kind === 'stop');
  expect(stops.filter(({ isForGc }) => isForGc)).toHaveLength(pauses.length);
});

test.each(logs.filter((name) => /kafka|rocketmq|every-diagnostic|adaptive/.test(name)))(
  'every pause of %s has its CPU times',
  (name) => {
    expect(readLegacy(linesOf(read(name))).pauses.filter(({ cpu }) => cpu === undefined)).toEqual([]);
  },
);

test.each(logs.filter((name) => /g1-(?:kafka|rocketmq-broker|every-diagnostic)/.test(name)))(
  'every evacuation of %s has the heap, and promoted bytes unless old regions were evacuated, too',
  (name) => {
    const young = readLegacy(linesOf(read(name))).pauses.filter(({ type }) => type.startsWith('Pause Young'));
    expect(young.filter(({ heap }) => heap === undefined)).toEqual([]);
    expect(young.filter(({ promotedBytes }) => promotedBytes === undefined).map(({ type }) => type)).toEqual(
      young.map(({ type }) => type).filter((type) => type === 'Pause Young (Mixed)'),
    );
  },
);

test('reports a second JVM that writes into the log once, and loses no pause of either', () => {
  const { events, unparsed } = readLegacy(linesOf(read('8-g1-two-writers.log')));
  expect(events.filter((event) => event.kind === 'notice').map(({ code }) => code)).toEqual(['two-writers']);
  expect(unparsed).toEqual(['anning (ms): Min: 0.0, Avg: 0.0, Max: 0.0, Diff: 0.0, Sum: 0.0]']);
});

test('a log that starts after a rotation belongs to one JVM', () => {
  const { events } = readLegacy(linesOf(read('8-g1-rotated.log')));
  expect(events[0]).toEqual({ kind: 'run-start', at: {} });
  expect(events.filter(({ kind }) => kind === 'run-start')).toHaveLength(1);
});

test('a header repeated after a rotation starts no new run', () => {
  const rotated = read('8-g1-rotated.log');
  const { events } = readLegacy([...linesOf(rotated), ...linesOf(rotated)]);
  expect(events.filter(({ kind }) => kind === 'run-start')).toHaveLength(1);
});
