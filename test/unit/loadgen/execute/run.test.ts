import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { ClusterAdmin, TrafficDriver } from '../../../../brokers/driver.ts';
import { TurnedAway } from '../../../../brokers/rocketmq/protocol/busy.ts';
import { endTexts } from '../../../../cli/run-result.ts';
import { AppError } from '../../../../core/errors.ts';
import { RunDocument, type JournalLine } from '../../../../core/documents/run-bundle.ts';
import { TelemetryRecord } from '../../../../core/documents/evidence/telemetry.ts';
import { faultOf } from '../../../../loadgen/execute/run.ts';
import type { StartThread } from '../../../../loadgen/execute/workers/traffic-thread.ts';
import type { Guard } from '../../../../loadgen/guard/guard.ts';
import { rebuildResult, type RunResult } from '../../../../loadgen/record/bundle/result.ts';
import type { RunProgress } from '../../../../loadgen/record/progress.ts';
import { createFakeBroker } from '../../../support/fake-broker.ts';
import { inProcessThreads } from '../../../support/in-process-threads.ts';
import { runInMemory as run } from '../../../support/run-in-memory.ts';

const sumOf = (journal: readonly JournalLine[], of: (line: JournalLine) => number) =>
  journal.reduce((sum, line) => sum + of(line), 0);

test('a run sends all messages, every group receives all of them, and the bundle records it', async () => {
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

test('the bundle has the processing time of a group, and its messages count after processing', async () => {
  const { journal, read } = await run({
    file: { groups: [{}, { name: 'slow', processing: '2ms' }] },
    flags: { rates: [200, 400], stepDuration: '1s' },
  });
  const { workload } = RunDocument.parse(JSON.parse(await read('run.json')));
  expect(workload.groupProcessing).toEqual([{ group: 'plimsoll-r1-slow', secondsPerMessage: 0.002 }]);
  const ofSlow = (line: JournalLine) => (line.kind === 'consumed' && line.group.endsWith('slow') ? line.messages : 0);
  expect(sumOf(journal, ofSlow)).toBe(600);
});

test('an interrupted run drains, is recorded as aborted and cleans up', async () => {
  const { outcome, journal, deleted } = await run({ flags: { stepDuration: '30s' }, abortAfterSeconds: 1.2 });
  if (outcome instanceof Error) throw outcome;
  expect(outcome).toMatchObject({ status: 'aborted' });
  const hint = faultOf(outcome, ' --config lab.yaml')?.hint;
  expect(hint).toContain(`\`plimsoll analyze ${outcome.directory} --config lab.yaml\``);
  expect(hint).toContain(`\`plimsoll run --resume ${outcome.directory} --config lab.yaml\``);
  expect(faultOf({ ...outcome, directory: 'my runs/1' })?.hint).toContain("`plimsoll analyze 'my runs/1'`");
  expect(journal.at(-1)).toMatchObject({ kind: 'run-ended', status: 'aborted' });
  expect(journal.some(({ kind }) => kind === 'step-ended')).toBe(false);
  const total = (of: 'sent' | 'acknowledged') => sumOf(journal, (line) => (line.kind === 'produced' ? line[of] : 0));
  expect(total('sent')).toBe(total('acknowledged'));
  expect(deleted).toContain('plimsoll-r1');
});

test('an interrupted run whose shares change per step does not recommend --resume', async () => {
  const mix = [{ share: [1, 2] }, { share: [2, 1] }];
  const { outcome } = await run({
    file: { mix, profile: { kind: 'steps', rates: [200, 400], stepDuration: '30s' } },
    broker: createFakeBroker({ topics: { 'plimsoll-r1-1': 3, 'plimsoll-r1-2': 3 } }),
    abortAfterSeconds: 1.2,
  });
  if (outcome instanceof Error) throw outcome;
  const hint = faultOf(outcome)?.hint;
  expect(hint).toContain(`\`plimsoll analyze ${outcome.directory}\`; its shares change from step to step`);
  expect(hint).not.toContain('--resume');
});

test('a broker that refuses every send fails the run with the reason, and the bundle keeps the data so far', async () => {
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

test('a short run whose sends are all refused fails, and its step reports the failures', async () => {
  const error = new AppError('broker-refused', 'MESSAGE_TOO_LARGE', { hint: 'raise max.message.bytes' });
  const { outcome, progress } = await run({
    flags: { rates: [5], stepDuration: '1s' },
    fateOf: () => ({ kind: 'fail', error }),
  });
  if (outcome instanceof Error) throw outcome;
  expect(outcome).toMatchObject({ status: 'failed', reason: 'every send failed: MESSAGE_TOO_LARGE' });
  expect(faultOf(outcome)?.hint).toMatch(/^raise max\.message\.bytes; `plimsoll analyze \S+` reads what was recorded/);
  expect(progress.filter(({ kind }) => kind === 'step-ended')).toMatchObject([{ summary: { failedSends: 5 } }]);
});

/** The first producer ends half a second after the start and reports nothing more, as if its machine was gone. */
const losingFirst =
  (start: StartThread): StartThread =>
  (assignment, listener) => {
    if (assignment.role !== 'producer' || assignment.worker !== 0) return start(assignment, listener);
    const done = Promise.withResolvers<void>();
    let isLost = false;
    const thread = start(assignment, {
      onLines(lines) {
        if (!isLost) listener.onLines(lines);
      },
      onDriven(until) {
        if (!isLost) listener.onDriven(until);
      },
    });
    const lose = () => {
      isLost = true;
      done.reject(new AppError('run-failed', 'worker east is lost'));
    };
    return {
      ...thread,
      done: done.promise,
      tell(message) {
        thread.tell(message);
        if (message.kind === 'start') setTimeout(lose, 500);
      },
    };
  };

test('the guard sees that a worker whose share moves to another one was lost', async () => {
  const broker = createFakeBroker({ topics: { 'plimsoll-r1': 3 } });
  const observed: JournalLine[] = [];
  const guard: Guard = {
    async watch() {},
    observe: (lines) => void observed.push(...lines),
    completeSecond() {},
    see() {},
    limits: () => [],
  };
  const startThread = losingFirst(inProcessThreads(broker.traffic()));
  const progress: RunProgress[] = [];
  const onProgress = (piece: RunProgress) => void progress.push(piece);
  const tools = { startThread, guard, onProgress, lostWorker: 'move' } as const;
  const { outcome } = await run({ broker, flags: { workers: 2, ledger: false }, tools });
  expect(outcome).toMatchObject({ status: 'completed' });
  const lost = observed.filter(({ kind }) => kind === 'worker-lost');
  expect(lost).toMatchObject([{ worker: 'producer-0', share: 'moved' }]);
  expect(progress).toContainEqual(expect.objectContaining({ kind: 'worker-lost', worker: 'producer-0' }));
});

test('another worker ends the transaction of a lost one, with the transactional id of that', async () => {
  const broker = createFakeBroker({ topics: { 'plimsoll-r1': 3 } });
  const opened: (string | undefined)[] = [];
  const closed: (string | undefined)[] = [];
  const traffic = broker.traffic();
  const transactional: TrafficDriver = {
    ...traffic,
    async producer(options) {
      const producer = await traffic.producer(options);
      const id = options.transactions?.id;
      opened.push(id);
      return {
        ...producer,
        async endTransactions() {},
        async [Symbol.asyncDispose]() {
          closed.push(id);
          await producer[Symbol.asyncDispose]();
        },
      };
    },
  };
  const startThread = losingFirst(inProcessThreads(transactional));
  const file = { transactions: { duration: '100ms' }, profile: { kind: 'constant', rate: 200, duration: '2s' } };
  const { outcome } = await run({
    broker,
    file,
    flags: { workers: 2, ledger: false },
    tools: { startThread, lostWorker: 'move' },
  });
  expect(outcome).toMatchObject({ status: 'completed' });
  const first = opened.find((id) => id?.endsWith('-0'));
  expect(opened.filter((id) => id === first)).toHaveLength(2);
  expect(closed).toContain(first);
});

test('a run that cannot begin leaves no bundle and no topic', async () => {
  const { outcome, directory, deleted } = await run({
    telemetry: { describe: () => Promise.reject(new AppError('host-unreadable', 'cannot read /proc')) },
  });
  expect(outcome).toMatchObject({ code: 'host-unreadable' });
  expect(existsSync(directory)).toBe(false);
  expect(deleted).toEqual([]);
});

/** Threads that never become ready. */
const startBroken: StartThread = () => ({
  ready: Promise.reject(new AppError('broker-unreachable', 'no broker answers')),
  done: Promise.resolve(),
  tell() {},
  async [Symbol.asyncDispose]() {},
});

test('a run that fails after its topic was created leaves no bundle and no topic', async () => {
  const { outcome, directory, deleted } = await run({ tools: { startThread: startBroken } });
  expect(outcome).toMatchObject({ code: 'broker-unreachable' });
  expect(existsSync(directory)).toBe(false);
  expect(deleted).toContain('plimsoll-r1');
});

test('the bundle lists topics before they are created, and is kept if one of them cannot be deleted', async () => {
  const progress: RunProgress[] = [];
  const unanswered = () => Promise.reject(new AppError('broker-unreachable', 'no broker answers'));
  const admin: ClusterAdmin = {
    createTopic: unanswered,
    deleteTopic: unanswered,
    async deleteGroup() {},
    async [Symbol.asyncDispose]() {},
  };
  const onProgress = (piece: RunProgress) => void progress.push(piece);
  const tools = { admin, configArgs: ' --config lab.yaml', onProgress };
  const { outcome, directory, read } = await run({ tools });
  expect(outcome).toMatchObject({ code: 'broker-unreachable' });
  expect(RunDocument.parse(JSON.parse(await read('prepared.json')))).toMatchObject({
    resume: { ownTopics: ['plimsoll-r1'] },
  });
  expect(progress).toContainEqual({
    kind: 'left-behind',
    what: 'topic plimsoll-r1',
    reason: `no broker answers; \`plimsoll run --cleanup ${directory} --config lab.yaml\` tries again`,
  });
});

test('slow host sampling does not slow down the load', async () => {
  const { journal } = await run({
    telemetry: {
      sample: (_, { signal }) =>
        new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))),
    },
  });
  expect(sumOf(journal, (line) => (line.kind === 'produced' ? line.acknowledged : 0))).toBe(600);
  expect(journal.at(-1)).toMatchObject({ status: 'completed' });
});

/** Runs `act` in the folder of the bundle between the last line of the journal and the result. */
function atEnd(act: (directory: string) => void) {
  const progress: RunProgress[] = [];
  let directory = '';
  const onProgress = (piece: RunProgress) => {
    progress.push(piece);
    if (piece.kind === 'started') ({ directory } = piece);
    if (piece.kind === 'ended') act(directory);
  };
  return { tools: { onProgress }, progress };
}

test('a delivery check that could not be read has a reason, and its thresholds are unknown', async () => {
  const unanswered = new AppError('broker-unreachable', 'no answer in time');
  const { tools, progress } = atEnd((directory) =>
    writeFileSync(join(directory, 'journal.ndjson'), 'damaged\nin two lines\n'),
  );
  const { outcome, read } = await run({
    file: {
      profile: { kind: 'constant', rate: 100, duration: '1s' },
      thresholds: { lost: 0 },
    },
    flags: { rates: undefined as never },
    fateOf: (sequence) => (sequence === 3 ? { kind: 'fail', error: unanswered } : { kind: 'acknowledge' }),
    tools,
  });
  const reason: unknown = expect.stringMatching(/journal\.ndjson/);
  expect(outcome).toMatchObject({ status: 'completed', deliveryUnread: { reason } });
  expect(outcome).not.toHaveProperty('ledger');
  expect(progress).toContainEqual({ kind: 'unread', what: 'the delivery check', reason });
  const { deliveryUnread, thresholds } = JSON.parse(await read('result.json')) as RunResult;
  expect(deliveryUnread).toEqual({ reason });
  expect(thresholds?.checks).toMatchObject([{ threshold: 'lost', outcome: 'unknown', reason }]);
});

test('the result lists why messages failed, most frequent reason first, with a message', async () => {
  const busy = new TurnedAway('timeout-clean-queue', 'cannot send to orders: it waited too long');
  const unanswered = new AppError('broker-unreachable', 'no answer in time');
  const { outcome, read, directory } = await run({
    flags: { rates: [200], stepDuration: '1s' },
    fateOf: (sequence) =>
      sequence < 6 ? { kind: 'fail', error: sequence === 0 ? unanswered : busy } : { kind: 'acknowledge' },
  });
  if (outcome instanceof Error) throw outcome;
  const { failures = [] } = outcome;
  // An outcome is set per batch: on a busy machine the first batch holds more messages than the five after it.
  expect(failures).toEqual(failures.toSorted((a, b) => b.count - a.count));
  expect(failures).toHaveLength(2);
  const ofBusy = failures.find(({ code }) => code === 'broker-busy');
  expect(ofBusy).toMatchObject({ cause: 'timeout-clean-queue', message: busy.message });
  expect(failures.find(({ code }) => code === 'broker-unreachable')).toMatchObject({ message: unanswered.message });
  expect(failures.reduce((sum, { count }) => sum + count, 0)).toBe(outcome.steps[0]?.failedSends);
  expect(endTexts(outcome)).toContain(
    `failed: ${ofBusy?.count} messages, broker-busy (timeout-clean-queue): ${busy.message}`,
  );
  const written = JSON.parse(await read('result.json')) as RunResult;
  expect(written.failures).toEqual(failures);
  const document = RunDocument.parse(JSON.parse(await read('run.json')));
  if (document.origin !== 'load-test') throw new Error('not ours');
  const rebuilt = await rebuildResult(directory, document, { signal: new AbortController().signal });
  expect(rebuilt.failures).toEqual(failures);
});

test('a result that cannot be written is an error of the run', async () => {
  const { tools } = atEnd((directory) => mkdirSync(join(directory, 'result.json')));
  const { outcome } = await run({ flags: { rates: [50], stepDuration: '1s' }, tools });
  if (outcome instanceof Error) throw outcome;
  expect(outcome).toMatchObject({ status: 'completed', steps: [{ targetTps: 50 }] });
  expect(faultOf(outcome)?.message).toMatch(/^cannot write .*result\.json: /);
});
