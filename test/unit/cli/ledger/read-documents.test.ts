import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readDefaultPolicy } from '../../../../analyzer/policy/policy.ts';
import { readEntries, type Stated } from '../../../../cli/ledger/read-documents.ts';
import { NewLedgerEntry } from '../../../../core/ledger-entry.ts';
import { readAnalysis } from '../../../support/analyses.ts';

const signal = new AbortController().signal;
let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'plimsoll-entries-'))));
afterEach(() => rmSync(folder, { recursive: true }));

function read(document: unknown, stated: Stated = {}) {
  const path = join(folder, 'given.json');
  writeFileSync(path, typeof document === 'string' ? document : JSON.stringify(document));
  return readEntries(path, stated, { policy: readDefaultPolicy(), signal });
}
const forecast = {
  schemaVersion: 1,
  kind: 'forecast',
  step: 'hour',
  chosen: 'seasonal',
  backtest: {},
  peak: { value: 200, low: 150, high: 260, highestPointAt: '2026-11-22T01:00:00.000Z' },
  points: [
    { time: '2026-11-22T00:00:00.000Z', value: 100, low: -3, high: 120 },
    { time: '2026-11-22T01:00:00.000Z', promotion: '618' },
  ],
};

test('a load test is a test, and figures that were read somewhere are a verdict', async () => {
  const [ofTest] = await read(readAnalysis('load-test'), { why: 'new cards' });
  expect(ofTest).toMatchObject({
    kind: 'test',
    cluster: 'lab',
    why: 'new cards',
    evidence: join(folder, 'given.json'),
  });
  const [ofReadings] = await read(readAnalysis('readings'), { cluster: 'orders', evidence: 'the wiki' });
  expect(ofReadings).toMatchObject({ kind: 'verdict', cluster: 'orders', evidence: 'the wiki' });
  for (const entry of [ofTest, ofReadings]) expect(NewLedgerEntry.safeParse(entry).success).toBe(true);
});

test('the folder of a run is analysed, and named as what the entry rests on', async () => {
  const run = fileURLToPath(new URL('../../../../examples/founding-70k', import.meta.url));
  const [entry] = await readEntries(run, {}, { policy: readDefaultPolicy(), signal });
  expect(entry).toMatchObject({ kind: 'verdict', cluster: 'RaftCluster', evidence: run });
});

test('a forecast keeps what lies ahead; hours it does not know have no point', async () => {
  const [entry] = await read(forecast, { cluster: 'orders' });
  expect(NewLedgerEntry.parse(entry)).toMatchObject({
    kind: 'forecast',
    cluster: 'orders',
    document: {
      horizonEndsAt: '2026-11-22T02:00:00.000Z',
      peak: { tps: 200, low: 150, high: 260 },
      points: [{ at: '2026-11-22T00:00:00.000Z', tps: 100, low: 0, high: 120 }],
    },
  });
  await expect(read(forecast)).rejects.toMatchObject({ code: 'ledger-entry-unreadable', hint: 'give --cluster NAME' });
});

test.for([
  ['{', /is not JSON/],
  ['null', /is no analysis/],
  ['[]', /is no analysis/],
  [{ schemaVersion: 1, error: { code: 'usage' } }, /could not answer/],
  [{ run: {}, safeMaxTps: {} }, /is not an analysis/],
  [{ worlds: {}, clusters: [] }, /is not a plan/],
  [{ promotion: {}, verdicts: [] }, /is not a capacity report/],
  [{ ...forecast, points: [] }, /is not a forecast/],
] as const)('%j is refused', async ([document, words]) => {
  await expect(read(document, { cluster: 'orders' })).rejects.toMatchObject({
    code: 'ledger-entry-unreadable',
    message: expect.stringMatching(words) as string,
  });
});

test('a file that is not there is told', async () => {
  await expect(
    readEntries(join(folder, 'nothing.json'), {}, { policy: readDefaultPolicy(), signal }),
  ).rejects.toMatchObject({ code: 'not-found' });
});
