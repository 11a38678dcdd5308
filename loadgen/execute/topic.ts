// Creates the topics of a run, or uses existing ones; deletes only what this run created.

import type { ClusterAdmin, ClusterInspector, Io } from '../../brokers/driver.ts';
import type { ClusterSnapshot } from '../../brokers/snapshot.ts';
import { traitsOf } from '../../core/broker-kind/registry.ts';
import type { Cluster } from '../../core/cluster.ts';
import { AppError } from '../../core/errors.ts';
import type { WantedTopic } from '../plan/plan.ts';
import type { RunTools } from './stage.ts';
import { type Clock, seconds, systemClock } from '../../core/clock.ts';
import type { RunProgress } from '../record/progress.ts';

export interface RunTopic extends AsyncDisposable {
  names: readonly string[];
  partitions: number;
  replicationFactor: number;
  /** Topics created by this run; they contain nothing else. */
  own: readonly string[];
  /** True if they did not exist when the run, or this attempt, began. */
  isNew?: boolean;
}

export const defaultPartitions = 12;
export const defaultReplicationFactor = 3;
/**
 * Total size that the log of a topic keeps, replicas excluded, in addition to what stopped consumers leave unread;
 * larger if the topic has many partitions.
 */
const wantedBytes = 1024 * 2 ** 20;
/** Partitions fill unevenly, and messages sent while consumers catch up are stored after the unread ones. */
const unreadFactor = 2;
const leastSegmentBytes = 16 * 2 ** 20;
/** If the run is killed, retention removes what it leaves behind. */
const retainedMilliseconds = 3_600_000;
const cleanUpMilliseconds = 15_000;

/** Topics of a run before any is created. */
export interface PlannedTopic extends Omit<RunTopic, keyof AsyncDisposable> {
  /** Topics to create. */
  missing: readonly string[];
  config: Readonly<Record<string, string>>;
}

/**
 * Reads existing topics and changes nothing.
 * @throws AppError topic-conflict if a topic exists with different partitions or replicas
 */
export async function planTopic(wanted: WantedTopic, inspector: ClusterInspector, io: Io): Promise<PlannedTopic> {
  const { cluster, topics } = await inspector.snapshot(io, { topics: wanted.names, groups: [] });
  const existing = (name: string) => topics.find((topic) => topic.name === name);
  let shape: Shape | undefined;
  for (const name of wanted.names) {
    const found = existing(name);
    const wantedTopic = { ...wanted, ...shape };
    shape = found === undefined ? newShape(wantedTopic, cluster) : adopt(name, wantedTopic, shapeOf(found));
  }
  if (shape === undefined) throw new AppError('usage', 'no topic given');
  const missing = wanted.names.filter((name) => existing(name) === undefined);
  return {
    names: wanted.names,
    ...shape,
    own: wanted.names.filter((name) => missing.includes(name) || wanted.own?.includes(name) === true),
    isNew: missing.length > 0,
    missing,
    // RocketMQ keeps all topics in one log, with a retention set in the broker.
    config: traitsOf(cluster.kind).retentionPer === 'topic' ? retentionOf(shape.partitions, wanted) : {},
  };
}

/** Creates the missing topics. @throws AppError from the broker, after the created topics are deleted again */
export async function createTopics(
  { missing, config, ...planned }: PlannedTopic,
  wanted: WantedTopic,
  { admin, onProgress }: Pick<RunTools, 'admin' | 'onProgress'>,
  io: Io,
): Promise<RunTopic> {
  const { partitions, replicationFactor } = planned;
  const made = new Set(planned.own.filter((name) => !missing.includes(name)));
  await using undo = new AsyncDisposableStack();
  undo.defer(deleteTopics);
  for (const name of missing) {
    // Record it before the response: a broker may have created the topic even if the wait failed or was aborted.
    made.add(name);
    await admin.createTopic({ name, partitions, replicationFactor, config }, io).catch((cause: unknown) => {
      if (cause instanceof AppError && cause.code === 'topic-conflict') made.delete(name);
      throw cause;
    });
  }
  await awaitCopies(wanted.names, { admin, onProgress }, io);
  undo.move();

  async function cleanUp(): Promise<void> {
    const io = { signal: AbortSignal.timeout(cleanUpMilliseconds) };
    const consumed = wanted.throughProxy === true ? wanted.names : undefined;
    for (const group of wanted.groups) await attempt(`group ${group}`, admin.deleteGroup(group, io, consumed));
    await deleteTopics();
  }

  async function deleteTopics(): Promise<void> {
    const io = { signal: AbortSignal.timeout(cleanUpMilliseconds) };
    for (const name of made) await attempt(`topic ${name}`, admin.deleteTopic(name, io));
  }

  async function attempt(what: string, work: Promise<void>): Promise<void> {
    // The run has ended and its bundle is complete, so report leftovers instead of throwing.
    await work.catch((error: Error) => onProgress({ kind: 'left-behind', what, reason: error.message }));
  }

  return {
    ...planned,
    async [Symbol.asyncDispose]() {
      if (!wanted.keep) await cleanUp();
    },
  };
}

type Shape = Pick<RunTopic, 'partitions' | 'replicationFactor'>;

const shapeOf = ({ partitions }: ClusterSnapshot['topics'][number]): Shape => ({
  partitions: partitions.length,
  replicationFactor: partitions[0]?.replicas.length ?? 1,
});

const newShape = ({ partitions, replicationFactor }: WantedTopic, { brokers }: Cluster): Shape => ({
  partitions: partitions ?? defaultPartitions,
  replicationFactor: replicationFactor ?? Math.max(1, Math.min(defaultReplicationFactor, brokers.length)),
});

type Kept = Pick<WantedTopic, 'unread' | 'largestMessageBytes'>;

/** Brokers refuse a batch that is larger than a segment. */
const segmentBytes = ({ largestMessageBytes = 0 }: Kept) => Math.max(leastSegmentBytes, 2 * largestMessageBytes);

const partitionBytes = (partitions: number, kept: Kept) =>
  Math.max(2 * segmentBytes(kept), Math.floor((wantedBytes + unreadFactor * (kept.unread?.bytes ?? 0)) / partitions));

/**
 * @returns bytes that the retention of a new topic keeps, replicas excluded; brokers delete older data some minutes
 * later
 */
export const retainedBytesOf = ({ partitions = defaultPartitions, ...kept }: WantedTopic): number =>
  partitions * partitionBytes(partitions, kept);

function retentionOf(partitions: number, kept: Kept): Readonly<Record<string, string>> {
  return {
    'cleanup.policy': 'delete',
    'retention.bytes': String(partitionBytes(partitions, kept)),
    'segment.bytes': String(segmentBytes(kept)),
    'retention.ms': String(retainedMilliseconds + Math.ceil(1000 * (kept.unread?.seconds ?? 0))),
  };
}

function adopt(name: string, { partitions, replicationFactor }: WantedTopic, found: Shape): Shape {
  const isOther = (requested: number | undefined, there: number) => requested !== undefined && requested !== there;
  if (isOther(partitions, found.partitions) || isOther(replicationFactor, found.replicationFactor)) {
    throw new AppError(
      'topic-conflict',
      `topic ${name} exists with ${found.partitions} partitions and ${found.replicationFactor} ${found.replicationFactor === 1 ? 'replica' : 'replicas'}, ` +
        `${partitions ?? found.partitions} and ${replicationFactor ?? found.replicationFactor} were requested`,
    );
  }
  return found;
}

interface CopyTools {
  admin: Pick<ClusterAdmin, 'slavesWithout'>;
  onProgress(progress: RunProgress): void;
  clock?: Clock;
}

const pause = seconds(0.5);
/** RocketMQ 4.9 and 5.x: a slave polls its master every 10 s (SlaveSynchronize): wait for three periods. */
const patience = seconds(30);

/** Returns at once if brokers have no slaves. If a slave lacks the topics, reports it and lets the run continue. */
export async function awaitCopies(
  topics: readonly string[],
  { admin, onProgress, clock = systemClock }: CopyTools,
  io: Io,
): Promise<void> {
  if (admin.slavesWithout === undefined) return;
  const deadline = clock.monotonic() + patience;
  let isReported = false;
  let left = topics;
  for (;;) {
    const lacking: string[] = [];
    const slaves = new Set<string>();
    for (const topic of left) {
      const without = await admin.slavesWithout(topic, io);
      for (const slave of without) slaves.add(slave);
      if (without.length > 0) lacking.push(topic);
    }
    if (lacking.length === 0) return;
    if (clock.monotonic() >= deadline) return onProgress({ kind: 'not-copied', topics: lacking, slaves: [...slaves] });
    if (!isReported) onProgress({ kind: 'awaits-copies', topics: lacking, slaves: [...slaves] });
    isReported = true;
    left = lacking;
    await clock.sleep(pause, io);
  }
}
