import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { ClusterAdmin, ClusterInspector } from '../../../brokers/driver.ts';
import { AppError } from '../../../core/errors.ts';
import { JournalLine, RunDocument } from '../../../core/run-bundle.ts';
import { TelemetryRecord } from '../../../core/telemetry.ts';
import { createPlan } from '../../../loadgen/plan.ts';
import type { RunProgress } from '../../../loadgen/progress.ts';
import { faultOf, runLoadTest, type RunTools } from '../../../loadgen/run.ts';
import { completeWorkload, type WorkloadFlags } from '../../../loadgen/workload.ts';
import { createFakeBroker, type Fate } from '../../support/fake-broker.ts';
import { inProcessThreads } from '../../support/in-process-threads.ts';

const cluster = { name: 'lab', kind: 'kafka' as const, version: '4.3', brokers: [{ id: '1', address: 'b:9092' }] };
const inspector: ClusterInspector = {
  describe: async () => cluster,
  snapshot: async () => ({ cluster, topics: [], offsets: [], groups: [], sections: [] }),
  async [Symbol.asyncDispose]() {},
};

interface Given {
  flags?: WorkloadFlags;
  fateOf?: (sequence: number) => Fate;
  abortAfterSeconds?: number;
  telemetry?: Partial<RunTools['telemetry']>;
}

async function run({ flags, fateOf, abortAfterSeconds, telemetry }: Given) {
  const parent = await mkdtemp(join(tmpdir(), 'plimsoll-run-'));
  onTestFinished(() => rm(parent, { recursive: true }));
  const directory = join(parent, 'bundle');
  const plan = createPlan({
    id: 'r1',
    directory,
    cluster: { name: 'lab', broker: 'kafka', config: {} },
    workload: completeWorkload(undefined, {
      messageSize: '100B',
      rates: [200, 400],
      stepDuration: '1s',
      warmUp: '0s',
      partitions: 3,
      groups: 2,
      ...flags,
    }),
    keepTopic: false,
  });
  const broker = createFakeBroker({
    topics: { 'plimsoll-r1': 3 },
    ...(fateOf && { fateOf: (_, sequence) => fateOf(sequence) }),
  });
  const deleted: string[] = [];
  const admin: ClusterAdmin = {
    async createTopic() {},
    async deleteTopic(name) {
      deleted.push(name);
    },
    async deleteGroup(name) {
      deleted.push(name);
    },
    async [Symbol.asyncDispose]() {},
  };
  const progress: RunProgress[] = [];
  const tools: RunTools = {
    admin,
    inspector,
    telemetry: {
      describe: async () => ({ hosts: [], brokers: [], generatorHost: 'here' }),
      sample: async (elapsed) => [
        { kind: 'host', host: 'here', elapsedSeconds: elapsed(), scrapeSeconds: 0, reading: {} },
      ],
      async [Symbol.asyncDispose]() {},
      ...telemetry,
    },
    startThread: inProcessThreads(broker.traffic()),
    onProgress: (piece) => progress.push(piece),
    versions: { plimsoll: '0.0.0' },
  };
  const interruption = new AbortController();
  if (abortAfterSeconds !== undefined) setTimeout(() => interruption.abort(), abortAfterSeconds * 1000);
  const outcome = await runLoadTest(plan, tools, interruption).catch((error: unknown) => error as AppError);
  const read = async (name: string) =>
    existsSync(join(directory, name)) ? await readFile(join(directory, name), 'utf8') : '';
  const journal = (await read('journal.ndjson'))
    .split('\n')
    .filter(Boolean)
    .map((line) => JournalLine.parse(JSON.parse(line)));
  return { outcome, journal, progress, deleted, directory, read };
}

const sumOf = (journal: readonly JournalLine[], of: (line: JournalLine) => number) =>
  journal.reduce((sum, line) => sum + of(line), 0);

test('a run sends all of it, every group receives all of it, and the bundle says so', async () => {
  const { outcome, journal, progress, deleted, read } = await run({});
  expect(outcome).toMatchObject({ status: 'completed', id: 'r1' });
  expect(sumOf(journal, (line) => (line.kind === 'produced' ? line.acknowledged : 0))).toBe(600);
  expect(sumOf(journal, (line) => (line.kind === 'produced' ? line.intended : 0))).toBe(600);
  for (const group of ['plimsoll-r1-1', 'plimsoll-r1-2']) {
    expect(sumOf(journal, (line) => (line.kind === 'consumed' && line.group === group ? line.messages : 0))).toBe(600);
  }
  const document = RunDocument.parse(JSON.parse(await read('run.json')));
  expect(document).toMatchObject({ origin: 'load-test', brokerVersion: '4.3', workload: { replicationFactor: 1 } });
  const announced = journal.filter(({ kind }) => kind.startsWith('step-') || kind.startsWith('run-'));
  expect(announced).toMatchObject([
    { kind: 'step-started', elapsedSeconds: 0, step: 0, targetTps: 200 },
    { kind: 'step-ended', elapsedSeconds: 1, step: 0 },
    { kind: 'step-started', elapsedSeconds: 1, step: 1, targetTps: 400 },
    { kind: 'step-ended', elapsedSeconds: 2, step: 1 },
    { kind: 'run-ended', status: 'completed' },
  ]);
  const telemetry = (await read('telemetry.ndjson'))
    .trim()
    .split('\n')
    .map((line) => TelemetryRecord.parse(JSON.parse(line)));
  expect(telemetry.length).toBeGreaterThanOrEqual(2);
  expect(progress.filter(({ kind }) => kind === 'step-ended')).toHaveLength(2);
  expect(deleted.sort()).toEqual(['plimsoll-r1', 'plimsoll-r1-1', 'plimsoll-r1-2']);
});

test('interrupted, it drains, says aborted and cleans up', async () => {
  const { outcome, journal, deleted } = await run({ flags: { stepDuration: '30s' }, abortAfterSeconds: 1.2 });
  expect(outcome).toMatchObject({ status: 'aborted' });
  expect(journal.at(-1)).toMatchObject({ kind: 'run-ended', status: 'aborted' });
  expect(journal.some(({ kind }) => kind === 'step-ended')).toBe(false);
  const total = (of: 'sent' | 'acknowledged') => sumOf(journal, (line) => (line.kind === 'produced' ? line[of] : 0));
  expect(total('sent')).toBe(total('acknowledged'));
  expect(deleted).toContain('plimsoll-r1');
});

test('a broker that refuses everything fails the run with its reason, and the bundle keeps what there was', async () => {
  const error = new AppError('broker-unreachable', 'cannot reach b:9092');
  const { outcome, journal } = await run({
    flags: { stepDuration: '60s' },
    fateOf: (sequence) => (sequence < 20 ? { kind: 'acknowledge' } : { kind: 'fail', error }),
  });
  if (outcome instanceof Error) throw outcome;
  expect(faultOf(outcome)).toMatchObject({ code: 'run-failed', exitCode: 4 });
  expect(faultOf(outcome)?.message).toMatch(/every send failed for 5 s: cannot reach b:9092; the partial bundle is/);
  expect(journal.at(-1)).toMatchObject({ kind: 'run-ended', status: 'failed' });
});

test('a short run of which every send is refused has failed, and its step is told with what failed', async () => {
  const error = new AppError('broker-refused', 'MESSAGE_TOO_LARGE');
  const { outcome, progress } = await run({
    flags: { rates: [5], stepDuration: '1s' },
    fateOf: () => ({ kind: 'fail', error }),
  });
  expect(outcome).toMatchObject({ status: 'failed', reason: 'every send failed: MESSAGE_TOO_LARGE' });
  expect(progress.filter(({ kind }) => kind === 'step-ended')).toMatchObject([{ summary: { failedSends: 5 } }]);
});

test('what cannot begin leaves no bundle and no topic', async () => {
  const { outcome, directory, deleted } = await run({
    telemetry: { describe: () => Promise.reject(new AppError('host-unreadable', 'cannot read /proc')) },
  });
  expect(outcome).toMatchObject({ code: 'host-unreadable' });
  expect(existsSync(directory)).toBe(false);
  expect(deleted).toContain('plimsoll-r1');
});

test('a slow look at the hosts does not slow the load', async () => {
  const { journal } = await run({
    telemetry: {
      sample: (_, { signal }) =>
        new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))),
    },
  });
  expect(sumOf(journal, (line) => (line.kind === 'produced' ? line.acknowledged : 0))).toBe(600);
  expect(journal.at(-1)).toMatchObject({ status: 'completed' });
});
