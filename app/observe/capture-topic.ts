// Reads a sample of a live topic and records sizes, keys and compression, but no message content.

import { packedSizeOf } from '../../brokers/packed-size.ts';
import { driverOf } from '../../brokers/registry.ts';
import type { CapturedTopic } from '../../core/documents/captured-topic.ts';
import { AppError } from '../../core/errors.ts';
import { sampleTopic, type Sample } from '../../loadgen/plan/capture/sample-topic.ts';
import { createTopicSketch, type SketchOptions } from '../../loadgen/plan/capture/topic-sketch.ts';
import { createRunId } from '../../loadgen/plan/plan.ts';
import type { Caller } from '../caller.ts';
import type { NamedCluster } from './named-cluster.ts';

interface CaptureRequest extends Omit<Sample, 'group' | 'onProgress'> {
  cluster: NamedCluster;
  onProgress(messages: number, elapsedSeconds: number): void;
}

type CaptureIo = Pick<Caller, 'signal' | 'clock' | 'stderr'>;

/** @throws AppError not-found for an unknown topic, or if no message arrived */
export async function captureTopic(
  { cluster, topic, from, ...sample }: CaptureRequest,
  io: CaptureIo,
): Promise<CapturedTopic> {
  const { signal, clock } = io;
  await checkTopic(cluster, topic, io);
  const startedAt = clock.now();
  const sketch = createTopicSketch({
    broker: cluster.config.broker,
    codecs: await allCodecs(),
    mostMessages: sample.mostMessages,
    startedAt,
    isLive: from === 'end',
  });
  const group = `plimsoll-capture-${createRunId(startedAt)}`;
  let elapsed: number;
  try {
    await using traffic = await driverOf(cluster.config).traffic(cluster.name, cluster.config, { signal });
    elapsed = await sampleTopic(traffic, sketch, { topic, from, group, ...sample }, { signal, clock });
  } finally {
    await forget(cluster, group, io);
  }
  const captured = sketch.finish(elapsed);
  if (captured.messages > 0) return captured;
  throw new AppError('not-found', `topic ${topic} received no message within ${Math.round(elapsed)} s`, {
    hint: 'wait longer with --for, or read stored messages with --from-start',
  });
}

/** Runs before any read, because some brokers create a topic on first use. */
async function checkTopic({ name, config }: NamedCluster, topic: string, { signal }: CaptureIo): Promise<void> {
  await using inspector = await driverOf(config).inspect(name, config, { signal });
  const { topics } = await inspector.snapshot({ signal }, { topics: [topic], groups: [] });
  if (topics.some((each) => each.name === topic)) return;
  throw new AppError('not-found', `${name} has no topic ${topic}`, { hint: '`plimsoll get topics` lists them' });
}

/** Messages of one broker kind may be sent to the other, so all codecs are tried. */
async function allCodecs(): Promise<SketchOptions['codecs']> {
  return {
    gzip: await packedSizeOf('kafka', 'gzip'),
    snappy: await packedSizeOf('kafka', 'snappy'),
    lz4: await packedSizeOf('kafka', 'lz4'),
    zstd: await packedSizeOf('kafka', 'zstd'),
    zlib: await packedSizeOf('rocketmq', 'gzip'),
  };
}

const cleanUpMilliseconds = 10_000;

/** Deletes the group if the broker keeps it; it never committed. */
async function forget({ name, config }: NamedCluster, group: string, { stderr }: CaptureIo): Promise<void> {
  const io = { signal: AbortSignal.timeout(cleanUpMilliseconds) };
  try {
    await using admin = await driverOf(config).administer(name, config, io);
    await admin.deleteGroup(group, io);
  } catch (error) {
    stderr.write(`note: group ${group} may still be listed: ${(error as Error).message}\n`);
  }
}
