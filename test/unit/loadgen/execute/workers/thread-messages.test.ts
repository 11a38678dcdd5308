import { expect, test } from 'vitest';
import { Assignment, ToThread } from '../../../../../loadgen/execute/workers/thread-messages.ts';
import { openThreads } from '../../../../../loadgen/execute/threads.ts';
import { createPlan } from '../../../../../loadgen/plan/plan.ts';
import { completeWorkload, SendingOptions, WorkloadFile } from '../../../../../loadgen/plan/workload.ts';
import { sendingOf } from '../../../../support/sending.ts';
import { readDefaultPolicy } from '../../../../../core/policy/policy.ts';

const workloads = [
  { broker: 'kafka', file: { transactions: { duration: '100ms' }, keys: { kind: 'uniform', distinct: 10 } } },
  { broker: 'kafka', file: { groups: [{ members: 2, commits: 'never', readCommitted: true }], compression: 'zstd' } },
  { broker: 'rocketmq', file: { delay: { after: '5s' }, tag: 'a', groups: [{ mode: 'pull', from: 'start' }] } },
  { broker: 'rocketmq', file: { delay: { level: 3 }, outage: '30s', messageSize: [{ size: '200B', weight: 1 }] } },
] as const;

test.each(workloads)('messages to threads survive serialization: %j', async ({ broker, file }) => {
  const given: Assignment[] = [];
  const plan = createPlan({
    id: 'r1',
    cluster: { name: 'lab', broker, config: { broker } },
    workload: completeWorkload(WorkloadFile.parse({ messageSize: '100B', ...file }), { rates: [10] }),
    keepTopic: false,
    policy: readDefaultPolicy(),
  });
  const topic = { names: plan.topic.names, partitions: 3, replicationFactor: 1, own: plan.topic.names };
  const startThread = (assignment: Assignment) => {
    given.push(assignment);
    const done = Promise.resolve();
    return { ready: done, done, tell() {}, async [Symbol.asyncDispose]() {} };
  };
  const io = { signal: new AbortController().signal };
  const allowed = { ...plan, maxTps: 20_000, mostMessageBytes: 65_536 };
  await using _threads = await openThreads(allowed, { ...topic, async [Symbol.asyncDispose]() {} }, 1, startThread, io);
  expect(given).toHaveLength(2);
  expect(given).toContainEqual(expect.objectContaining({ role: 'producer', maxTps: 20_000, mostMessageBytes: 65_536 }));
  for (const assignment of given) expect(Assignment.parse(structuredClone(assignment))).toEqual(assignment);
});

test.each([{ linger: '5ms' }, { acks: 'some' }, { unknown: 1 }])('sending options such as %j are refused', (wrong) => {
  const sending = sendingOf({ compression: 'lz4', linger: '20ms', delay: { after: '5s' } });
  expect(SendingOptions.parse(structuredClone(sending))).toEqual(sending);
  expect(SendingOptions.safeParse({ ...sending, ...wrong }).success).toBe(false);
});

test('an assignment of another version is refused with the position', () => {
  expect(() => Assignment.parse({ role: 'producer', worker: 1 })).toThrow(/topics/);
  expect(() => ToThread.parse({ kind: 'cut' })).toThrow(/atSeconds/);
});
