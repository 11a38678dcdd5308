// Executes one reassignment of a simulated Kafka; the next run knows only the files on disk.

import { carryOut } from '../../ops/kafka/execute/carry-out.ts';
import type { Request } from '../../ops/change/held-journal.ts';
import type { ReassignFacts, ReassignJournal } from '../../ops/kafka/execute/reassign-facts.ts';
import type { Progress, Waiting } from '../../ops/kafka/execute/run.ts';
import { pretendKafka, type Pretend } from './pretend-kafka.ts';
import { onDisk, placed, reassignJournal } from './reassign-journal.ts';

export const lying = [
  [1, 2],
  [2, 1],
  [3, 1],
  [1, 3],
];
export const wanted = [
  [1, 2],
  [4, 2],
  [3, 4],
  [4, 3],
];
export const rate = 'leader.replication.throttled.rate';

export const cluster = (bytes = 1000) =>
  pretendKafka(
    lying.map((replicas, partition) => ({ topic: 'orders', partition, replicas, bytes })),
    [1, 2, 3, 4],
  );

export const begun = (more: Partial<ReassignFacts> = {}) =>
  reassignJournal({ original: placed(lying), target: placed(wanted), ...more });

export const cutting = () => begun({ cutRetention: { retentionMs: 3_600_000, topics: ['orders'] } });
export const retained = 'topic orders retention.ms=604800000';

export function withRetention(): Pretend {
  const pretend = cluster();
  pretend.settings.set('topic orders', new Map([['retention.ms', '604800000']]));
  return pretend;
}

export async function carry(
  pretend: Pretend,
  disk: { state: ReassignJournal },
  request: () => Request | undefined = () => undefined,
  signal = new AbortController().signal,
) {
  const state = onDisk(disk.state);
  const said: string[] = [];
  const shown: (Progress | Waiting)[] = [];
  const { kind } = await carryOut({
    changes: pretend.changes,
    journal: state,
    clock: pretend.clock,
    signal,
    save: async () => {
      disk.state = structuredClone(state);
    },
    check: async () => undefined,
    request: async () => request(),
    tell: (line) => said.push(line),
    progress: (progress) => void shown.push(progress),
    unread: async (retention) => pretend.unread(retention.retentionMs),
  });
  const outcome = { kind, after: state.checks.after?.findings ?? [] };
  return { outcome, said, shown };
}

export const given = (pretend: Pretend) =>
  [...pretend.settings].flatMap(([name, own]) => [...own].map(([key, value]) => `${name} ${key}=${value}`));
