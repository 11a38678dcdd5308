// Into which topic does the run write, and what becomes of it? Only what this run made is ever deleted.

import type { ClusterAdmin, ClusterInspector, Io } from '../brokers/driver.ts';
import type { Cluster } from '../core/cluster.ts';
import { AppError } from '../core/errors.ts';
import type { RunProgress } from './progress.ts';

export interface WantedTopic {
  name: string;
  partitions?: number;
  replicationFactor?: number;
  /** Topic and groups stay after the run. */
  keep: boolean;
  groups: readonly string[];
}

export interface RunTopic extends AsyncDisposable {
  name: string;
  partitions: number;
  replicationFactor: number;
}

const defaultPartitions = 12;
const defaultReplicationFactor = 3;
/** What the log of the topic may hold in all, replicas not counted; more only while a segment waits to be closed. */
const retainedBytes = 1024 * 2 ** 20;
const segmentBytes = 16 * 2 ** 20;
/** Should the run be killed, what it leaves shrinks by itself. */
const retainedMilliseconds = 3_600_000;
const cleanUpMilliseconds = 15_000;

export interface TopicTools {
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
  const { cluster, topics } = await inspector.snapshot(io, { topics: [wanted.name], groups: [] });
  const existing = topics.find(({ name }) => name === wanted.name);
  const topic =
    existing === undefined
      ? await create(wanted, cluster, admin, io)
      : adopt(wanted, {
          name: existing.name,
          partitions: existing.partitions.length,
          replicationFactor: existing.partitions[0]?.replicas.length ?? 1,
        });

  async function cleanUp(): Promise<void> {
    const io = { signal: AbortSignal.timeout(cleanUpMilliseconds) };
    for (const group of wanted.groups) await attempt(`group ${group}`, admin.deleteGroup(group, io));
    if (existing === undefined) await attempt(`topic ${topic.name}`, admin.deleteTopic(topic.name, io));
  }

  async function attempt(what: string, work: Promise<void>): Promise<void> {
    // The run is over and its bundle is complete: what is left behind is said, not thrown.
    await work.catch((error: Error) => onProgress({ kind: 'left-behind', what, reason: error.message }));
  }

  return {
    ...topic,
    async [Symbol.asyncDispose]() {
      if (!wanted.keep) await cleanUp();
    },
  };
}

async function create(wanted: WantedTopic, { kind, brokers }: Cluster, admin: ClusterAdmin, io: Io) {
  const topic = {
    name: wanted.name,
    partitions: wanted.partitions ?? defaultPartitions,
    replicationFactor: wanted.replicationFactor ?? Math.max(1, Math.min(defaultReplicationFactor, brokers.length)),
  };
  // RocketMQ keeps all topics in one log, for as long as its brokers say.
  const config = kind === 'kafka' ? retentionOf(topic.partitions) : {};
  await admin.createTopic({ ...topic, config }, io);
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

function adopt<Topic extends { name: string; partitions: number; replicationFactor: number }>(
  { partitions, replicationFactor }: WantedTopic,
  found: Topic,
): Topic {
  const isOther = (asked: number | undefined, there: number) => asked !== undefined && asked !== there;
  if (isOther(partitions, found.partitions) || isOther(replicationFactor, found.replicationFactor)) {
    throw new AppError(
      'topic-conflict',
      `topic ${found.name} exists with ${found.partitions} partitions and ${found.replicationFactor} ${found.replicationFactor === 1 ? 'replica' : 'replicas'}, ` +
        `${partitions ?? found.partitions} and ${replicationFactor ?? found.replicationFactor} were asked for`,
    );
  }
  return found;
}
