import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { shapeGuard } from '../../analyzer/evidence/importers/shape-guard.ts';
import { JournalLine } from '../../core/documents/run-bundle.ts';
import { TelemetryRecord } from '../../core/documents/evidence/telemetry.ts';

const runs = 'test/fixtures/recorded-runs';
/** Samples of each kind from every recorded run. */
const recorded = (name: string) =>
  readdirSync(runs, { withFileTypes: true }).flatMap((entry) => {
    if (!entry.isDirectory()) return [];
    const lines = readFileSync(join(runs, entry.name, name), 'utf8')
      .trim()
      .split('\n');
    const records = lines.map((line) => JSON.parse(line) as { kind: string });
    return [...Map.groupBy(records, ({ kind }) => kind).values()].flatMap((alike) => alike.slice(0, 2));
  });
const [telemetry, journal] = [recorded('telemetry.ndjson'), recorded('journal.ndjson')];
const records = [...telemetry, ...journal];
const odd = fc.constantFrom<unknown>(-1, 0, 0.5, 1e300, 2 ** 60, '', 'host', true, null, [], [1], {}, { device: 'x' });
const guards = [TelemetryRecord, JournalLine].map((schema) => ({ schema, isSurely: shapeGuard(schema) }));

/** Changes one value anywhere: replaces it, removes it, or adds one. */
function damaged(record: unknown, choose: (below: number) => number, value: unknown): unknown {
  if (typeof record !== 'object' || record === null || choose(6) === 0) return value;
  if (Array.isArray(record)) {
    const place = choose(record.length + 1);
    return record.toSpliced(place, 1, damaged(record[place], choose, value));
  }
  const entries = Object.entries(record);
  const [name] = entries[choose(entries.length)] ?? ['any'];
  switch (choose(8)) {
    case 0:
      return Object.fromEntries(entries.filter(([other]) => other !== name));
    case 1:
      return JSON.parse(
        JSON.stringify(record).replace('{', `{"__proto__":${JSON.stringify(value)}${entries.length > 0 ? ',' : ''}`),
      );
    case 2:
      return { ...record, further: value };
    default:
      return { ...record, [name]: damaged((record as Record<string, unknown>)[name], choose, value) };
  }
}

test('the guard accepts only records that the schema accepts unchanged', () => {
  let [taken, refused] = [0, 0];
  fc.assert(
    fc.property(fc.constantFrom(...records), odd, fc.infiniteStream(fc.nat(2 ** 20)), (record, value, stream) => {
      const changed = damaged(record, (below) => (stream.next().value as number) % below, value);
      for (const { schema, isSurely } of guards) {
        if (!isSurely(changed)) refused += 1;
        else {
          taken += 1;
          expect(schema.parse(changed)).toEqual(changed);
        }
      }
    }),
    { numRuns: 1500 },
  );
  expect(Math.min(taken, refused)).toBeGreaterThan(100);
});

test('recorded telemetry needs no parsing', () => {
  const isSurely = shapeGuard(TelemetryRecord);
  expect(telemetry.length).toBeGreaterThan(4);
  expect(telemetry.filter((record) => !isSurely(record))).toEqual([]);
});

test.each([
  ['a default', z.strictObject({ a: z.number().default(1) })],
  ['words that are changed', z.strictObject({ a: z.string().trim() })],
  ['an own check', z.strictObject({ a: z.number() }).refine(() => false)],
  ['other types than JSON has', z.strictObject({ a: z.date() })],
  ['an upper bound', z.strictObject({ a: z.number().max(1) })],
  ['a format', z.strictObject({ a: z.iso.datetime() })],
])('the guard leaves a schema with %s to the schema itself', (_, schema) => {
  expect(shapeGuard(schema)({ a: 1 })).toBe(false);
});

test('the guard leaves records with unknown keys to a schema that drops them', () => {
  const isSurely = shapeGuard(z.object({ a: z.number() }));
  expect(isSurely({ a: 1 })).toBe(true);
  expect(isSurely({ a: 1, b: 2 })).toBe(false);
});
