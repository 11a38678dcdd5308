// Executes or continues a reassignment.

import type { KafkaClusterConfig } from '../../../brokers/kafka/config.ts';
import type { KafkaChanges } from '../../../brokers/kafka/changes/kafka-changes.ts';
import type { Arrival } from '../../../ops/change/carry-out.ts';
import { carryOut } from '../../../ops/kafka/execute/carry-out.ts';
import type { HeldChange } from '../../../ops/change/held-journal.ts';
import type { ReassignFacts } from '../../../ops/kafka/execute/reassign-facts.ts';
import type { Progress, Waiting } from '../../../ops/kafka/execute/run.ts';
import type { ReassignCaller } from './reassign-request.ts';
import { watchLatency } from '../write-latency.ts';
import { kafkaDriver } from '../../../brokers/kafka/driver.ts';
import { AppError } from '../../../core/errors.ts';
import { unreadBefore, unreadUnknownReason, type UnreadLoss } from '../../../ops/kafka/live/retention-cut.ts';
import type { Caller } from '../../caller.ts';

/** Shows the progress of a reassignment. */
export interface ReassignView {
  tell(text: string): void;
  progress(progress: Progress | Waiting): void;
  /** Removes the progress from the terminal. */
  clear(): void;
}

export interface CarriedOn {
  /** Path of the journal. */
  path: string;
  config: KafkaClusterConfig;
  view: ReassignView;
}

/** @throws AppError change-refused, change-stopped; the signal's reason */
export async function carryOn(
  io: ReassignCaller,
  changes: KafkaChanges,
  held: HeldChange<ReassignFacts>,
  { path, config, view }: CarriedOn,
): Promise<Arrival> {
  const named = { name: held.journal.cluster, config };
  try {
    const topic = io.options.canary;
    await using writes = topic === undefined ? undefined : watchLatency(io, named, { topic, everySeconds: 0.2 });
    return await carryOut({
      ...held,
      changes,
      ...(writes && { latencies: writes.recent, latencyTrouble: () => writes.reason() }),
      unread: (retention) => readUnread(io, named, changes, retention),
      tell: view.tell,
      progress: view.progress,
    }).finally(() => view.clear());
  } catch (cause) {
    // Any other error names what was left behind.
    if (io.signal.aborted && cause === io.signal.reason) {
      io.stderr.write(
        `This change no longer copies replicas; throttles and retention are restored. Continue with --resume or roll back with --abort; the state is in ${path}.\n`,
      );
    }
    throw cause;
  }
}

/** @throws AppError broker-unreachable, also if only some groups could be read */
async function readUnread(
  io: Caller,
  { name, config }: { name: string; config: KafkaClusterConfig },
  changes: KafkaChanges,
  { retentionMs, topics }: { retentionMs: number; topics: readonly string[] },
): Promise<readonly UnreadLoss[]> {
  await using inspector = await kafkaDriver.inspect(name, config, io, { allCommits: true });
  const snapshot = await inspector.snapshot({ signal: io.signal });
  const unknown = unreadUnknownReason(snapshot);
  if (unknown !== undefined) throw new AppError('broker-unreachable', unknown);
  const cut = new Set(topics);
  const parts = snapshot.topics.filter((topic) => cut.has(topic.name)).flatMap(({ partitions }) => partitions);
  const young = await changes.offsetsAt(parts, io.clock.now().getTime() - retentionMs, io);
  return unreadBefore(snapshot, topics, young);
}
