import { globSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createGcLogParser } from '../../gc/log/gc-log-parser.ts';
import type { GcEvent } from '../../gc/log/gc-event.ts';
import type { GcLogCheckpoint } from '../../gc/log/parser.ts';
import { damagedLines } from '../support/damaged-lines.ts';
import { randomFrom } from '../support/mutation.ts';
import { fullMatrix } from '../support/prerequisites.ts';

const folder = new URL('../fixtures/gc-logs/', import.meta.url);
const logs = globSync('{unified,legacy}/*', { cwd: folder }).map((name) => ({
  name,
  bytes: readFileSync(new URL(name, folder)),
}));
const inputs = fullMatrix ? 1_000_000 : 20_000;
const runs = fullMatrix ? 100 : 8;

/** All events of the parser, in order. */
type Told = GcEvent | { unparsed: string };

function parserInto(told: Told[], checkpoint?: GcLogCheckpoint) {
  return createGcLogParser(
    { event: (event) => told.push(event), unparsed: (unparsed) => told.push({ unparsed }) },
    checkpoint,
  );
}

function toldBy(...chunks: readonly Uint8Array[]): Told[] {
  const told: Told[] = [];
  const parser = parserInto(told);
  for (const chunk of chunks) parser.push(chunk);
  parser.end();
  return told;
}

const cutsIn = ({ length }: Uint8Array) =>
  fc.uniqueArray(fc.nat(length - 1), { maxLength: 40 }).map((cuts) => cuts.toSorted((a, b) => a - b));

const piecesOf = (bytes: Uint8Array, cuts: readonly number[]) =>
  [0, ...cuts].map((start, index) => bytes.subarray(start, cuts[index] ?? bytes.length));

test.each(logs)('any split of the bytes of $name yields the same events', ({ bytes }) => {
  const whole = toldBy(bytes);
  fc.assert(
    fc.property(cutsIn(bytes), (cuts) => {
      expect(toldBy(...piecesOf(bytes, cuts))).toEqual(whole);
    }),
    { numRuns: runs },
  );
});

test.each(logs)('$name read byte by byte yields the same events', ({ bytes }) => {
  const start = bytes.subarray(0, 6000);
  expect(toldBy(...Array.from(start, (byte) => Uint8Array.of(byte)))).toEqual(toldBy(start));
});

test.each(logs)('a parser resumed from a checkpoint at any byte of $name yields the remaining events', ({ bytes }) => {
  const whole = toldBy(bytes);
  fc.assert(
    fc.property(cutsIn(bytes), (cuts) => {
      const told: Told[] = [];
      let checkpoint: GcLogCheckpoint | undefined;
      for (const end of [...cuts, bytes.length]) {
        const parser = parserInto(told, checkpoint);
        parser.push(bytes.subarray(checkpoint?.consumedBytes ?? 0, end));
        checkpoint = JSON.parse(JSON.stringify(parser.checkpoint())) as GcLogCheckpoint;
        if (end === bytes.length) parser.end();
      }
      expect(told).toEqual(whole);
    }),
    { numRuns: runs },
  );
});

/** Checks the invariants of every event. */
function check(event: GcEvent): void {
  const numbers = JSON.stringify(event, (_, value: unknown) => {
    if (typeof value === 'number' && !Number.isFinite(value)) throw new Error(`${value} in ${event.kind}`);
    return value;
  });
  if (numbers.length > 20_000) throw new Error(`an event of ${numbers.length} characters`);
  if (event.kind !== 'pause') return;
  const { ownSeconds, durationSeconds } = event;
  if (ownSeconds < 0 || ownSeconds > durationSeconds) throw new Error(`${ownSeconds} of ${durationSeconds} s`);
}

test(`${inputs} damaged pieces of real logs end in events or unparsed lines, within bounds of work and memory`, () => {
  const random = randomFrom(20_261_120);
  const texts = logs.map(({ bytes }) => bytes.toString('latin1').split('\n'));
  let events = 0;
  let unparsed = 0;
  let lines = 0;
  const parser = createGcLogParser({
    event(event) {
      check(event);
      events += 1;
    },
    unparsed: () => (unparsed += 1),
  });
  for (let index = 0; index < inputs; index++) {
    const piece = damagedLines(random, texts);
    lines += piece.length;
    const before = events;
    try {
      parser.push(Buffer.from(`${piece.join('\n')}\n`, 'latin1'));
      // A line may start a run, and contain events of the JVM, of its clock and of itself, in addition to open events.
      if (events - before > 8 * piece.length + 100) throw new Error(`${events - before} events`);
      if (index % 500 === 0) expect(JSON.stringify(parser.checkpoint()).length).toBeLessThan(300_000);
    } catch (cause) {
      throw new Error(`input ${index}: ${(cause as Error).message}\n${piece.join('\n')}`, { cause });
    }
  }
  parser.end();
  process.stdout.write(`${inputs} inputs of ${lines} lines: ${events} events, ${unparsed} lines unparsed\n`);
  // Otherwise nothing was damaged, or the parser rejected everything.
  expect(events / lines).toBeGreaterThan(0.05);
  expect(unparsed / lines).toBeGreaterThan(0.005);
});
