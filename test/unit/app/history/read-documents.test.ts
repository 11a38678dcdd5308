import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { examplePolicy } from '../../../support/example-policy.ts';
import { analyzeWritten } from '../../../../analyzer/verdict/analyze-written.ts';
import { readEntries, type Stated } from '../../../../app/history/read-documents.ts';
import { findingOf } from '../../../../core/documents/findings/findings.ts';
import { NewHistoryEntry } from '../../../../core/documents/history-entry.ts';
import { refusalText } from '../../../../core/documents/reasons/rejection-reasons.ts';
import { RunDocument } from '../../../../core/documents/run-bundle.ts';
import { readAnalysis } from '../../../support/analyses.ts';
import { sizedDomains } from '../../../support/sized-domains.ts';

const signal = new AbortController().signal;
let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'plimsoll-entries-'))));
afterEach(() => rmSync(folder, { recursive: true }));

function read(document: unknown, stated: Stated = {}) {
  const path = join(folder, 'given.json');
  writeFileSync(path, typeof document === 'string' ? document : JSON.stringify(document));
  return readEntries(path, stated, { policy: examplePolicy(), signal });
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

test('reads a load test as a test, and figures from other sources as a verdict', async () => {
  const [ofTest] = await read(readAnalysis('load-test'), { why: 'new cards' });
  expect(ofTest).toMatchObject({
    kind: 'test',
    cluster: 'lab',
    why: 'new cards',
    evidence: join(folder, 'given.json'),
  });
  const [ofReadings] = await read(readAnalysis('readings'), { cluster: 'orders', evidence: 'the wiki' });
  expect(ofReadings).toMatchObject({ kind: 'verdict', cluster: 'orders', evidence: 'the wiki' });
  for (const entry of [ofTest, ofReadings]) expect(NewHistoryEntry.safeParse(entry).success).toBe(true);
});

test('reads written figures without a nearby limit as a verdict, too', async () => {
  const file = new URL('../../../../examples/founding-70k/run.json', import.meta.url);
  const run = RunDocument.parse(JSON.parse(readFileSync(file, 'utf8')));
  if (run.origin !== 'readings') throw new Error(run.origin);
  for (const { speed } of run.environment.hosts[0]?.networkDevices ?? []) if (speed) speed.bitsPerSecond = 1e10;
  const document = analyzeWritten(run, examplePolicy());
  expect(document.safeMaxTps.kind).toBe('at-least');
  const [entry] = await read(document);
  expect(entry?.kind).toBe('verdict');
});

test('analyzes the folder of a run, and names it as evidence of the entry', async () => {
  const run = fileURLToPath(new URL('../../../../examples/founding-70k', import.meta.url));
  const [entry] = await readEntries(run, {}, { policy: examplePolicy(), signal });
  expect(entry).toMatchObject({ kind: 'verdict', cluster: 'RaftCluster', evidence: run });
});

test('keeps the future points of a forecast, and no points for unknown hours', async () => {
  const [entry] = await read(forecast, { cluster: 'orders' });
  expect(NewHistoryEntry.parse(entry)).toMatchObject({
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

test.each([
  ['2026-10-24T22:00:00.000Z', '2026-10-25T23:00:00.000Z'],
  ['2026-03-28T23:00:00.000Z', '2026-03-29T22:00:00.000Z'],
])('a daily forecast in Berlin whose last day begins at %s ends at %s', async (time, horizonEndsAt) => {
  const ofDays = { ...forecast, step: 'day', timezone: 'Europe/Berlin', points: [{ time, value: 100 }] };
  const [entry] = await read(ofDays, { cluster: 'orders' });
  expect(NewHistoryEntry.parse(entry)).toMatchObject({ document: { horizonEndsAt } });
});

test('rejects a forecast of means, and reads an older one that does not name its statistic', async () => {
  const history = { from: '2026-10-01T00:00:00.000Z', to: '2026-11-22T00:00:00.000Z', readings: 1248 };
  const ofMeans = { ...forecast, history: { ...history, statistic: 'mean' } };
  await expect(read(ofMeans, { cluster: 'orders' })).rejects.toThrow('it forecasts means, which hide the peak');
  for (const older of [history, { ...history, statistic: 'max' }]) {
    expect(await read({ ...forecast, history: older }, { cluster: 'orders' })).toHaveLength(1);
  }
});

test('the peak of a promotion that was measured once has no interval', async () => {
  const { low: _, high: _1, ...peak } = forecast.peak;
  const [entry] = await read({ ...forecast, peak }, { cluster: 'orders' });
  expect(NewHistoryEntry.parse(entry)).toMatchObject({
    document: { peak: { tps: 200, at: '2026-11-22T01:00:00.000Z', confidence: 0.8 } },
  });
  expect(entry?.kind === 'forecast' && entry.document.peak).not.toHaveProperty('high');
});

test('a planning document becomes one plan per cluster, with references to each other, refusals, findings and proposals', async () => {
  const plans = await sizedDomains();
  const cause = { kind: 'no-build' } as const;
  const refused = { domain: 'audit', ...refusalText(cause, 'en'), cause };
  const findings = [findingOf('daily-share', { share: 0.7, low: 0.33, high: 0.5, source: 'rules.yaml' })];
  const proposal = { domain: 'audit', broker: 'kafka', mode: 'kraft', shape: '96c', masters: 3, replicas: 3 };
  const missing = [findingOf('not-measured', { shape: '96c' })];
  const judged = [{ ...proposal, verdict: 'not-measured', resources: [], findings: missing }];
  const given = { ...plans, refused: [{ ...refused, rejections: [] }], findings, judged };
  const entries = await read(given);
  expect(entries).toMatchObject(plans.clusters.map((document) => ({ kind: 'plan', document })));
  const parts = entries
    .map((entry) => NewHistoryEntry.parse(entry))
    .map((entry) => entry.kind === 'plan' && entry.document.partOf);
  expect(parts[0]).toEqual({
    document: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
    costUnit: 'CNY',
    refused: [refused],
    findings,
    judged,
  });
  const { refused: _, findings: _1, judged: _2, ...others } = parts[0] || {};
  expect(parts.slice(1)).toEqual(plans.clusters.slice(1).map(() => others));
  // However the file was laid out.
  const [again] = await read(JSON.stringify(given, undefined, 4));
  expect(again).toMatchObject({ document: { partOf: others } });
});

test.for([
  ['{', /is not JSON/],
  ['null', /is not an analysis/],
  ['[]', /is not an analysis/],
  [{ schemaVersion: 1, error: { code: 'usage' } }, /error of a failed command/],
  [{ run: {}, safeMaxTps: {} }, /is not an analysis/],
  [{ worlds: {}, clusters: [] }, /is not a plan/],
  [{ promotion: {}, verdicts: [] }, /is not a capacity report/],
  [{ ...forecast, points: [] }, /is not a forecast/],
  [{ waves: [], rollback: {} }, /is not a reassignment/],
  [{ change: 'drop', steps: [], subject: 'x' }, /is not a change of RocketMQ/],
] as const)('rejects %j', async ([document, words]) => {
  await expect(read(document, { cluster: 'orders' })).rejects.toMatchObject({
    code: 'ledger-entry-unreadable',
    message: expect.stringMatching(words) as string,
  });
});

test('reports a missing file', async () => {
  await expect(
    readEntries(join(folder, 'nothing.json'), {}, { policy: examplePolicy(), signal }),
  ).rejects.toMatchObject({ code: 'not-found' });
});

const wave = {
  partitions: [{ topic: 'orders', partition: 0, replicas: [4, 2] }],
  etaSeconds: { low: 1, mid: 2, high: 3 },
};
const reassignment = {
  schemaVersion: 1,
  moves: { replicas: 1, leaders: 1 },
  lowerBound: { replicas: 1 },
  gap: 0,
  waves: [wave],
  plan: { version: 1, partitions: wave.partitions },
  rollback: { version: 1, partitions: [{ topic: 'orders', partition: 0, replicas: [1, 2] }] },
  findings: [],
  notices: { en: 'Partitions of these topics move', zh: '以下主题的分区将迁移' },
};

test('a reassignment keeps its moves, waves, notices in both languages, and cluster', async () => {
  const [entry] = await read(reassignment, { cluster: 'lab', domain: 'shop' });
  const { document } = NewHistoryEntry.parse(entry) as Extract<NewHistoryEntry, { kind: 'operation' }>;
  expect(document).toMatchObject({
    operation: 'reassignment',
    state: 'planned',
    waves: [{ partitions: 1, etaSeconds: { mid: 2 } }],
    partitions: { shown: [{ topic: 'orders', partition: 0, from: [1, 2], to: [4, 2] }], all: 1 },
    notices: reassignment.notices,
  });
  await expect(read(reassignment)).rejects.toMatchObject({ hint: 'give --cluster NAME' });
});

test.for([
  [1, { outcome: 'undone' }, 'aborted'],
  [1, { outcome: 'paused' }, 'under-way'],
  [2, { status: 'rolled-back' }, 'aborted'],
] as const)('an executed reassignment has the fingerprint of its plan: %j', async ([schemaVersion, end, state]) => {
  const executed = {
    ...end,
    startedAt: '2026-11-22T00:00:00.000Z',
    state: '/state/x.over',
    checks: {},
    log: [{ at: '2026-11-22T00:00:01.000Z', says: 'wave 1 begins' }],
  };
  const entries = await Promise.all(
    [reassignment, { ...reassignment, schemaVersion, executed }].map((each) => read(each, { cluster: 'lab' })),
  );
  const [planned, over] = entries.flat().map((entry) => (entry.kind === 'operation' ? entry.document : undefined));
  expect(over?.fingerprint).toBe(planned?.fingerprint);
  expect(over).toMatchObject({ state, startedAt: executed.startedAt, log: executed.log });
});

test('a change of RocketMQ and a plan for more partitions are operations too', async () => {
  const change = {
    schemaVersion: 1,
    cluster: 'logs',
    change: 'scale-in',
    subject: 'broker-b',
    status: 'held',
    facts: {},
    findings: [],
    steps: [{ id: 'close', by: 'plimsoll', says: 'close it', undo: 'open it', state: 'done', evidence: ['6 → 4'] }],
    holds: [{ what: 'unread', until: '2026-11-23T00:00:00.000Z' }],
    stateFile: '/state/x.json',
    notice: '通知：下线',
  };
  const [scaleIn] = await read(change);
  expect(NewHistoryEntry.parse(scaleIn)).toMatchObject({
    cluster: 'logs',
    document: { operation: 'scale-in', subject: 'broker-b', state: 'under-way', notices: { zh: '通知：下线' } },
  });
  const ended = await Promise.all(['aborted', 'rolled-back'].map((status) => read({ ...change, status })));
  expect(ended.flat()).toMatchObject(ended.map(() => ({ document: { state: 'aborted' } })));
  const more = { topic: 'orders', from: 2, to: 3, keysMoved: 0.6, assignments: [[1, 2]], findings: [], measured: {} };
  const [partitions] = await read(more, { cluster: 'lab' });
  expect(NewHistoryEntry.parse(partitions)).toMatchObject({
    document: { operation: 'partitions', partitions: { shown: [{ partition: 2, from: [], to: [1, 2] }] } },
  });
});
