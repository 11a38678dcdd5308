import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { RunDocument, type JournalLine } from '../../../core/documents/run-bundle.ts';
import { rebuildResult, renderResult } from '../../../loadgen/record/bundle/result.ts';
import { readResumption } from '../../../loadgen/record/bundle/resumption.ts';
import { seconds, systemClock } from '../../../core/clock.ts';
import { GuardConfig } from '../../../loadgen/guard/config.ts';
import { createGuard } from '../../../loadgen/guard/create-guard.ts';
import type { GuardInput } from '../../../loadgen/guard/guard-input.ts';
import { stopFileInput, stopFileName } from '../../../loadgen/guard/stop-file-input.ts';
import type { Breach, Guard } from '../../../loadgen/guard/guard.ts';
import { faultOf } from '../../../loadgen/execute/run.ts';
import { runInMemory } from '../../support/run-in-memory.ts';
import { shortSearch } from '../../support/short-search.ts';

const io = { signal: new AbortController().signal };
const sumOf = (journal: readonly JournalLine[], of: (line: JournalLine) => number) =>
  journal.reduce((sum, line) => sum + of(line), 0);
const sent = (line: JournalLine) => (line.kind === 'produced' ? line.sent : 0);
const steps = (journal: readonly JournalLine[]) =>
  journal.filter(({ kind }) => kind.startsWith('step-') || kind === 'resumed' || kind === 'run-ended');

/** A guard that reports one breach after this many lines. */
function guardAfter(lines: number, breach: Partial<Breach> = {}): Guard {
  let heard = 0;
  let tell: (breach: Breach) => void = () => {};
  return {
    async watch({ onBreach }) {
      tell = onBreach;
    },
    observe(told) {
      heard += told.length;
      if (heard >= lines) tell({ input: 'disk of b', reason: 'it is 91% full', value: 0.91, ends: 'run', ...breach });
    },
    completeSecond() {},
    see() {},
    limits: () => [],
  };
}

async function documentOf(directory: string) {
  const document = RunDocument.parse(JSON.parse(await readFile(join(directory, 'run.json'), 'utf8')));
  if (document.origin !== 'load-test') throw new Error('not ours');
  return document;
}

test('a breach stops the load at once, and the run contains the reason', async () => {
  const tools = { guard: guardAfter(3) };
  const { outcome, journal, deleted } = await runInMemory({ flags: { stepDuration: '30s' }, tools });
  if (outcome instanceof Error) throw outcome;
  expect(faultOf(outcome)).toMatchObject({ code: 'load-stopped', exitCode: 6 });
  const breach = journal.find(({ kind }) => kind === 'guard');
  expect(breach).toMatchObject({ input: 'disk of b', value: 0.91, ends: 'run' });
  const lastSent = journal.findLast((line) => sent(line) > 0)?.elapsedSeconds ?? Infinity;
  expect(lastSent - (breach?.elapsedSeconds ?? 0)).toBeLessThan(1);
  expect(journal.at(-1)).toMatchObject({ status: 'stopped', reason: 'it is 91% full' });
  expect(deleted).toContain('plimsoll-r1');
});

test('a killed run continues with its current step, and the delivery check covers both attempts', async () => {
  const first = await runInMemory({ flags: { rates: [100, 200, 300] }, abortAfterSeconds: 2.2 });
  const { directory, broker } = first;
  // State after a crash: no end record, and a partial line.
  const whole = (await readFile(join(directory, 'journal.ndjson'), 'utf8')).split('\n').filter(Boolean);
  const kept = whole.filter((line) => !line.includes('"run-ended"'));
  await writeFile(join(directory, 'journal.ndjson'), `${kept.join('\n')}\n{"kind":"produ`);
  await appendFile(join(directory, 'telemetry.ndjson'), '{"kind":"ho');

  const resumedMs = Date.now();
  const again = await runInMemory({ flags: { rates: [100, 200, 300] }, resume: directory, broker });
  if (again.outcome instanceof Error) throw again.outcome;
  const { outcome, journal } = again;
  expect(outcome).toMatchObject({
    status: 'completed',
    steps: [{ targetTps: 100 }, { targetTps: 200 }, { targetTps: 300 }],
  });
  const resumedAt = journal.findIndex(({ kind }) => kind === 'resumed');
  const earlier = Math.max(...journal.slice(0, resumedAt).map(({ elapsedSeconds }) => elapsedSeconds));
  expect(journal[resumedAt]?.elapsedSeconds).toBeGreaterThan(earlier);
  const resumed = journal[resumedAt];
  if (resumed?.kind !== 'resumed') throw new Error('not resumed');
  const loadMs = Date.parse(resumed.startedAt ?? '') + 1000 * resumed.elapsedSeconds;
  expect(loadMs).toBeGreaterThanOrEqual(resumedMs);
  expect(loadMs).toBeLessThan(Date.now());
  expect(steps(journal.slice(resumedAt))).toMatchObject([
    { kind: 'resumed', attempt: 2 },
    { kind: 'step-started', step: 1, targetTps: 200 },
    { kind: 'step-ended', step: 1 },
    { kind: 'step-started', step: 2, targetTps: 300 },
    { kind: 'step-ended', step: 2 },
    { kind: 'run-ended', status: 'completed' },
  ]);
  expect(sumOf(journal.slice(resumedAt), sent)).toBe(500);
  expect(outcome.ledger).toMatchObject({ sent: sumOf(journal, sent), unknownFate: 0, isExact: true });
  for (const group of outcome.ledger?.groups ?? [])
    expect([group.received, group.lost]).toEqual([sumOf(journal, sent), 0]);
  expect(again.deleted).toContain('plimsoll-r1');

  const rebuilt = await rebuildResult(directory, await documentOf(directory), io);
  expect(renderResult(rebuilt)).toBe(await again.read('result.json'));
  await expect(readResumption(directory, await documentOf(directory), io)).rejects.toMatchObject({
    code: 'run-complete',
  });
});

test('a run whose disk kept telemetry but not the journal is resumed after its last telemetry record', async () => {
  const { directory } = await runInMemory({ flags: { stepDuration: '10s' }, abortAfterSeconds: 4.2 });
  const linesOf = async (name: string) =>
    (await readFile(join(directory, name), 'utf8'))
      .split('\n')
      .filter(Boolean)
      .map((text) => ({ text, ...(JSON.parse(text) as { elapsedSeconds: number }) }));
  const fitted = (await linesOf('journal.ndjson')).filter(({ elapsedSeconds }) => elapsedSeconds < 1);
  await writeFile(join(directory, 'journal.ndjson'), fitted.map(({ text }) => `${text}\n`).join(''));
  const readings = (await linesOf('telemetry.ndjson')).map(({ elapsedSeconds }) => elapsedSeconds);
  expect(Math.max(...readings)).toBeGreaterThan(2);
  const { fromSeconds } = await readResumption(directory, await documentOf(directory), io);
  expect(fromSeconds).toBeGreaterThan(Math.max(...readings));
});

test('a consumer pause longer than the load ends with it, and the group reads what it missed', async () => {
  const { outcome, journal } = await runInMemory({
    file: {
      groups: [{ stopped: [{ from: '1s', to: '1h' }] }, { stopped: [{ from: '30m', to: '1h' }] }],
      profile: { kind: 'steps', rates: [200], stepDuration: '2s' },
    },
  });
  if (outcome instanceof Error) throw outcome;
  expect(outcome.status).toBe('completed');
  expect(journal.at(-1)).toMatchObject({ kind: 'run-ended', status: 'completed' });
  expect(journal.at(-1)?.elapsedSeconds).toBeLessThan(10);
  expect(outcome.ledger?.groups).toMatchObject([
    { lost: 0, received: sumOf(journal, sent) },
    { lost: 0, received: sumOf(journal, sent) },
  ]);
});

const searchFile = {
  groups: 1,
  criteria: { p99: '2s', achieved: '50%', growth: '50%', generatorLag: '2s' },
  profile: { kind: 'find-safe', start: 100, highest: 121, trial: '1s', soak: '1s', settle: '0s' },
};
const search = {
  explanation: [],
  options: shortSearch(121),
};

/** The guard of a run with these inputs and this p99 limit per second. */
const realGuard = (inputs: readonly GuardInput[], p99?: number) =>
  createGuard({
    inputs,
    seconds: { ...GuardConfig.parse(p99 === undefined ? {} : { p99: `${p99}s` }), maxTps: 1e6, groups: [] },
    nic: { maxShare: 1, environment: { hosts: [], brokers: [] }, hosts: new Set() },
    clock: systemClock,
  });

test('a stop file that ended a run does not stop it again after it is resumed', async () => {
  const flags = { rates: [100, 200], stepDuration: '1s' };
  const { directory, broker } = await runInMemory({ flags, abortAfterSeconds: 1.2 });
  await writeFile(join(directory, stopFileName), 'orders are slow\n');
  const again = await runInMemory({
    flags,
    resume: directory,
    broker,
    tools: { guard: realGuard([stopFileInput(directory)]) },
  });
  expect(again.outcome).toMatchObject({ status: 'completed' });
});

test('a trial whose last second breaks a guard limit does not pass', async () => {
  const tools = { search, guard: realGuard([], 0.001) };
  const slow = () => ({ kind: 'acknowledge' as const, after: seconds(0.02) });
  const { journal } = await runInMemory({ file: searchFile, flags: { groups: 1 }, fateOf: slow, tools });
  // Each trial has only one second.
  const trials = journal.filter((line) => line.kind === 'trial');
  expect(trials.length).toBeGreaterThan(0);
  expect(trials.map(({ outcome }) => outcome.kind)).not.toContain('passed');
  expect(trials[0]?.outcome).toMatchObject({ kind: 'failed', criterion: 'guard: p99' });
});

test('a search runs trials, fails those stopped by the guard, and ends with a certificate', async () => {
  const guard = guardAfter(4, { ends: 'trial' });
  const { outcome, journal } = await runInMemory({ file: searchFile, flags: { groups: 1 }, tools: { search, guard } });
  if (outcome instanceof Error) throw outcome;
  expect(outcome).toMatchObject({
    status: 'completed',
    certificate: { search: 'find-safe', endedBecause: expect.any(String) },
  });
  const trials = journal.filter((line) => line.kind === 'trial');
  expect(trials.length).toBeGreaterThan(1);
  expect(trials.map(({ outcome: { kind } }) => kind)).toContain('failed');
  const failed = trials.find((line) => line.outcome.kind === 'failed');
  expect(failed?.outcome).toMatchObject({ criterion: 'guard: disk of b', measured: 0.91 });
  expect(outcome.ledger?.groups).toMatchObject([{ lost: 0, received: sumOf(journal, sent) }]);
});
