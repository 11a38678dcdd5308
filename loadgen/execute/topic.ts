// Creates the topics of a run, or uses existing ones; deletes only what this run created.

import type { ClusterAdmin, ClusterInspector, Io } from '../../brokers/driver.ts';
import type { ClusterSnapshot } from '../../brokers/snapshot.ts';
import { traitsOf } from '../../core/broker-kind/registry.ts';
import type { Cluster } from '../../core/cluster.ts';
import { AppError } from '../../core/errors.ts';
import type { RunProgress } from '../record/progress.ts';
import type { WantedTopic } from '../plan/plan.ts';
import { awaitCopies } from './topic-copies.ts';

export interface RunTopic extends AsyncDisposable {
  names: readonly string[];
  partitions: number;
  replicationFactor: number;
  /** Made by this run: nothing else was ever in them. */
  own: readonly string[];
  /** Not there when the run, or this attempt of it, began. */
  isNew?: boolean;
}

export const defaultPartitions = 12;
export const defaultReplicationFactor = 3;
/** What the log of the topic may hold in all, replicas not counted; more only while a segment waits to be closed. */
export const retainedBytes = 1024 * 2 ** 20;
const segmentBytes = 16 * 2 ** 20;
/** Should the run be killed, what it leaves shrinks by itself. */
const retainedMilliseconds = 3_600_000;
const cleanUpMilliseconds = 15_000;

interface TopicTools {
  admin: ClusterAdmin;
  inspector: ClusterInspector;
  onProgress(progress: RunProgress): void;
}

/** @throws AppError topic-conflict when the topic is there with other partitions or replicas */
export async function prepareTopic(
  wanted: WantedTopic,
  { admin, inspector, onProgress }: TopicTools,
  io: Io,
): Promise<RunTopic> {
  const { cluster, topics } = await inspector.snapshot(io, { topics: wanted.names, groups: [] });
  const made: string[] = [];
  let isNew = false;
  await using undo = new AsyncDisposableStack();
  undo.defer(deleteTopics);
  let shape: Shape | undefined;
  for (const name of wanted.names) {
    const existing = topics.find((topic) => topic.name === name);
    const wantedTopic = { ...wanted, ...shape };
    if (existing === undefined) shape = await create(name, wantedTopic, cluster, admin, io);
    else shape = adopt(name, wantedTopic, shapeOf(existing));
    isNew ||= existing === undefined;
    if (existing === undefined || wanted.own?.includes(name) === true) made.push(name);
  }
  if (shape === undefined) throw new AppError('usage', 'no topic given');
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
    // The run is over and its bundle is complete: what is left behind is reported, not thrown.
    await work.catch((error: Error) => onProgress({ kind: 'left-behind', what, reason: error.message }));
  }

  return {
    names: wanted.names,
    ...shape,
    own: made,
    isNew,
    async [Symbol.asyncDispose]() {
      if (!wanted.keep) await cleanUp();
    },
  };
}

interface Shape {
  partitions: number;
  replicationFactor: number;
}

const shapeOf = ({ partitions }: ClusterSnapshot['topics'][number]): Shape => ({
  partitions: partitions.length,
  replicationFactor: partitions[0]?.replicas.length ?? 1,
});

async function create(
  name: string,
  wanted: WantedTopic,
  { kind, brokers }: Cluster,
  admin: ClusterAdmin,
  io: Io,
): Promise<Shape> {
  const topic = {
    partitions: wanted.partitions ?? defaultPartitions,
    replicationFactor: wanted.replicationFactor ?? Math.max(1, Math.min(defaultReplicationFactor, brokers.length)),
  };
  // RocketMQ keeps all topics in one log, for as long as its brokers say.
  const config = traitsOf(kind).retentionPer === 'topic' ? retentionOf(topic.partitions) : {};
  await admin.createTopic({ name, ...topic, config }, io);
  return topic;
}

function retentionOf(partitions: number): Readonly<Record<string, string>> {
  return {
    'cleanup.policy': 'delete',
    'retention.bytes': String(Math.max(2 * segmentBytes, Math.floor(retainedBytes / partitions))),
    'segment.bytes': String(segmentBytes),
    'retention.ms': String(retainedMilliseconds),
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
