// Runs a whole load test against a broker in memory.

import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { ClusterAdmin, ClusterInspector } from '../../brokers/driver.ts';
import type { AppError } from '../../core/errors.ts';
import { JournalLine, RunDocument } from '../../core/documents/run-bundle.ts';
import { examplePolicy } from './example-policy.ts';
import { readResumption } from '../../loadgen/record/bundle/resumption.ts';
import { createPlan } from '../../loadgen/plan/plan.ts';
import type { RunProgress } from '../../loadgen/record/progress.ts';
import { runLoadTest } from '../../loadgen/execute/run.ts';
import type { RunTools } from '../../loadgen/execute/stage.ts';
import { completeWorkload, WorkloadFile, type WorkloadFlags } from '../../loadgen/plan/workload.ts';
import { createFakeBroker, type FakeBroker, type Fate } from './fake-broker.ts';
import { inProcessThreads } from './in-process-threads.ts';

const cluster = { name: 'lab', kind: 'kafka' as const, version: '4.3', brokers: [{ id: '1', address: 'b:9092' }] };
const inspector: ClusterInspector = {
  describe: async () => cluster,
  snapshot: async () => ({ cluster, topics: [], offsets: [], groups: [], sections: [] }),
  async [Symbol.asyncDispose]() {},
};

export interface GivenRun {
  /** Overrides `flags`, by the keys of a workload file. */
  file?: Readonly<Record<string, unknown>>;
  flags?: WorkloadFlags;
  fateOf?: (sequence: number) => Fate;
  abortAfterSeconds?: number;
  acceptBlind?: boolean;
  telemetry?: Partial<RunTools['telemetry']>;
  tools?: Partial<RunTools>;
  /** A bundle to resume, and the broker of its first part. */
  resume?: string;
  broker?: FakeBroker;
}

export async function runInMemory({ file, flags, fateOf, abortAfterSeconds, telemetry, resume, ...given }: GivenRun) {
  const parent = await mkdtemp(join(tmpdir(), 'plimsoll-run-'));
  onTestFinished(() => rm(parent, { recursive: true }));
  const directory = resume ?? join(parent, 'bundle');
  const io = { signal: new AbortController().signal };
  const resumption =
    resume === undefined
      ? undefined
      : await readResumption(
          resume,
          RunDocument.parse(JSON.parse(await readFile(join(resume, 'run.json'), 'utf8'))),
          io,
        );
  const plan = createPlan({
    id: 'r1',
    directory,
    cluster: { name: 'lab', broker: 'kafka', config: {} },
    workload: completeWorkload(file === undefined ? undefined : WorkloadFile.parse(file), {
      messageSize: '100B',
      ...(file === undefined && { rates: [200, 400], stepDuration: '1s' }),
      warmUp: '0s',
      partitions: 3,
      ...(file?.['groups'] === undefined && { groups: 2 }),
      ...flags,
    }),
    keepTopic: false,
    policy: examplePolicy(),
    ...(resumption && { attempt: resumption.attempt }),
  });
  const broker =
    given.broker ??
    createFakeBroker({
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
    openInspector: async () => inspector,
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
    ...given.tools,
  };
  const allowed = { ...plan, ...(given.acceptBlind !== undefined && { acceptBlind: given.acceptBlind }) };
  const interruption = new AbortController();
  if (abortAfterSeconds !== undefined) setTimeout(() => interruption.abort(), abortAfterSeconds * 1000);
  const outcome = await runLoadTest(allowed, tools, interruption, resumption).catch(
    (error: unknown) => error as AppError,
  );
  const read = async (name: string) =>
    existsSync(join(directory, name)) ? await readFile(join(directory, name), 'utf8') : '';
  const journal = (await read('journal.ndjson'))
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JournalLine.parse(JSON.parse(line)));
  return { outcome, journal, progress, deleted, directory, read, broker };
}
