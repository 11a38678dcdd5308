// Lets time pass on a lag clock that reads one group.

import type { ClusterSnapshot, Section } from '../../brokers/snapshot.ts';
import { type Clock, seconds } from '../../core/clock.ts';
import type { ConsumerLag, PartitionOffsets } from '../../core/cluster.ts';
import { createLogger } from '../../core/log.ts';
import { createLagClock } from '../../exporter/lag/lag-clock.ts';

/** Clocks of a process that started at `startMs`; `step` sets only the wall clock, `pass` lets time pass. */
function clockFrom(startMs: number) {
  let wall = startMs;
  let monotonic = 0;
  let suspended = 0;
  const clock: Clock = {
    now: () => new Date(wall),
    monotonic: () => seconds(monotonic),
    sinceBoot: () => seconds(86_400 + monotonic + suspended),
    sleep: () => Promise.reject(new Error('nothing here waits')),
  };
  return {
    clock,
    step: (by: number) => (wall += by * 1000),
    suspend: (by: number) => {
      wall += by * 1000;
      suspended += by;
    },
    pass: (by: number) => {
      wall += by * 1000;
      monotonic += by;
    },
  };
}

export const noon = Date.UTC(2026, 0, 1, 12);
export const partition = { topic: 'orders', partition: 0 };

interface Shown {
  topicId?: string;
  clusterId?: string;
  sections?: readonly Section[];
  /** Offsets that differ from those of the group. */
  offsets?: readonly PartitionOffsets[];
  commitsAgeSeconds?: number;
}

export function snapshotOf(
  lags: readonly ConsumerLag[],
  { topicId, clusterId = 'c1', sections = [], offsets, commitsAgeSeconds }: Shown = {},
): ClusterSnapshot {
  return {
    cluster: { name: 'lab', kind: 'kafka', clusterId, brokers: [] },
    topics: [
      {
        name: 'orders',
        ...(topicId !== undefined && { id: topicId }),
        internal: false,
        partitions: [{ ...partition, leader: '1', replicas: ['1'], inSyncReplicas: ['1'] }],
      },
    ],
    offsets: offsets ?? lags,
    groups: [{ name: 'billing', partitions: lags, ...(commitsAgeSeconds !== undefined && { commitsAgeSeconds }) }],
    sections,
  };
}

export const at = (end: bigint, committed: bigint, over: Partial<ConsumerLag> = {}): ConsumerLag => ({
  ...partition,
  end,
  committed,
  ...over,
});

/** A lag clock; `see` returns the time lag after `after` more seconds. */
export function watching(options: { stateFile?: string; startMs?: number; log?: string[] } = {}) {
  const { clock, pass, step, suspend } = clockFrom(options.startMs ?? noon);
  const lines = options.log ?? [];
  const lagClock = createLagClock({
    clock,
    log: createLogger('warn', { write: (line: string) => void lines.push((JSON.parse(line) as { msg: string }).msg) }),
    ...(options.stateFile !== undefined && { stateFile: options.stateFile }),
  });
  return {
    lagClock,
    step,
    suspend,
    pass,
    see(after: number, lag: ConsumerLag, shown: Shown = {}) {
      pass(after);
      return lagClock.observe(snapshotOf([lag], shown)).of('billing', lag);
    },
  };
}
