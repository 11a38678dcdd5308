import { expect, test } from 'vitest';
import type { ClusterSnapshot } from '../../../../brokers/snapshot.ts';
import { awaitDegraded } from '../../../../app/load-test/degraded.ts';
import type { Clock } from '../../../../core/clock.ts';
import type { Partition } from '../../../../core/cluster.ts';

const io = { signal: new AbortController().signal };
const replicas = ['1', '2', '3'];
const partition = (leader: string | undefined, inSyncReplicas: string[]): Partition => ({
  topic: 't',
  partition: 0,
  ...(leader !== undefined && { leader }),
  replicas,
  inSyncReplicas,
});
const snapshotOf = (up: readonly string[], partitions: Partition[]): ClusterSnapshot => ({
  cluster: { name: 'lab', kind: 'kafka', brokers: up.map((id) => ({ id, address: `b${id}:9092` })) },
  topics: [{ name: 't', internal: false, partitions }],
  offsets: [],
  groups: [],
  sections: [],
});

/** One snapshot after the other, the last one for ever; sleeping passes the time. */
function degraded(lost: readonly string[], ...snapshots: ClusterSnapshot[]) {
  return start({ wanted: { lost } }, ...snapshots);
}

function start(
  given: Pick<Parameters<typeof awaitDegraded>[0], 'wanted' | 'recorded'>,
  ...snapshots: ClusterSnapshot[]
) {
  let now = 0;
  const told: string[] = [];
  const clock = { monotonic: () => now, now: () => now, sleep: async (time: number) => void (now += time) };
  const last = snapshots.at(-1) as ClusterSnapshot;
  const inspector = {
    describe: async () => last.cluster,
    snapshot: async () => snapshots.shift() ?? last,
  };
  const parts = {
    ...given,
    topics: ['t'],
    inspector,
    clock: clock as unknown as Clock,
    tell: (text: string) => void told.push(text),
  };
  return { told, started: awaitDegraded(parts, io) };
}

test('waits until the broker is down and another leads, and counts the copies that are left', async () => {
  const { told, started } = degraded(
    ['2'],
    snapshotOf(['1', '2', '3'], [partition('2', replicas)]),
    snapshotOf(['1', '3'], [partition(undefined, ['1', '3'])]),
    snapshotOf(['1', '3'], [partition('1', ['1', '3'])]),
  );
  expect(await started).toEqual({ lost: ['2'], waitedSeconds: 2, copies: 2 });
  expect(told).toEqual([
    '--degraded: waiting, since broker 2 is up',
    '--degraded: waiting, since 1 partitions have no leader',
  ]);
});

test('goes on at once where the broker is down already', async () => {
  const { started } = degraded(['2'], snapshotOf(['1', '3'], [partition('3', ['1', '3'])]));
  expect(await started).toMatchObject({ waitedSeconds: 0 });
});

test('a resumed run waits until the broker is down again, and keeps what was recorded when it began', async () => {
  const recorded = { lost: ['2'], waitedSeconds: 7, copies: 1.5 };
  const up = snapshotOf(['1', '2', '3'], [partition('2', replicas)]);
  const down = snapshotOf(['1', '3'], [partition('1', ['1', '3'])]);
  const { told, started } = start({ wanted: { lost: ['2'] }, recorded }, up, down);
  expect(await started).toEqual(recorded);
  expect(told).toEqual(['--degraded: waiting, since broker 2 is up']);
  await expect(start({ wanted: { lost: ['2'] }, recorded }, up).started).rejects.toMatchObject({ code: 'not-ready' });
});

test('a broker that stays up is named', async () => {
  const { started } = degraded(['2'], snapshotOf(['1', '2', '3'], [partition('1', replicas)]));
  await expect(started).rejects.toThrow('--degraded: broker 2 is up after 180 s');
});

test('a topic that is not there is refused, since its replicas would all be on brokers that are left', async () => {
  const { started } = degraded(['2'], { ...snapshotOf(['1', '3'], []), topics: [] });
  await expect(started).rejects.toThrow('--degraded needs an existing topic; missing: t');
});

test('a broker without a replica of the topic is refused', async () => {
  const { started } = degraded(['7'], snapshotOf(['1', '2', '3'], [partition('1', replicas)]));
  await expect(started).rejects.toThrow('broker 7 has no replica of the topic');
});
