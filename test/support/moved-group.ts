// Creates a stopped group with three partitions of messages with two timestamps.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { driverOf } from '../../brokers/registry.ts';
import type { ClusterConfig } from '../../brokers/config.ts';
import { MoveDocument } from '../../core/documents/offset-move.ts';
import { seconds, systemClock } from '../../core/clock.ts';
import { asking } from './asking.ts';
import { liveNameOf } from './live-name.ts';
import { lagsOf, snapshotOf } from './seeded-lab.ts';

export const topic = 'order-paid';
export const group = 'billing';
export const partitions = 3;
/** Messages with each of the two timestamps, per partition. */
export const batch = 50;

const pause = seconds(1.5);

export async function movedGroup(config: ClusterConfig, configPath: string) {
  const io = { signal: AbortSignal.timeout(300_000) };
  const driver = driverOf(config);
  const state = await mkdtemp(join(tmpdir(), 'plimsoll-test-offsets-'));
  const { ask } = asking('--config', configPath);
  {
    await using admin = await driver.administer('lab', config, io);
    await admin.createTopic({ name: topic, partitions, replicationFactor: 1 }, io);
  }
  await using traffic = await driver.traffic('lab', config, io);
  async function send(): Promise<void> {
    await using producer = await traffic.producer({ acks: 'all' });
    const values = Array.from({ length: batch }, (_, index) => Buffer.from(`message ${index}`));
    for (let partition = 0; partition < partitions; partition += 1)
      await producer.send({ topic, partition, values }, io);
  }
  await send();
  await systemClock.sleep(pause, io);
  const between = new Date().toISOString();
  await systemClock.sleep(pause, io);
  await send();
  await reading(config, 2 * batch * partitions, async () => undefined);

  const words = ['--group', group, '--state-dir', state];
  const told = async (...more: string[]) => {
    const answer = await ask('ops', 'offsets', ...more, ...words, '--json');
    expect(answer.exitCode, answer.stderr).toBe(0);
    return MoveDocument.parse(JSON.parse(answer.stdout));
  };
  const execute = ['--execute', `--confirm=${liveNameOf({ configPath })}`];
  return {
    /** A time between the two timestamps. */
    between,
    config,
    reset: (...to: string[]) => told('reset', '--topic', topic, ...to),
    move: (...to: string[]) => told('reset', '--topic', topic, ...to, ...execute),
    restore: (from: string, ...more: string[]) => told('restore', '--from', from, ...more),
    refusal: async (...to: string[]) => ask('ops', 'offsets', 'reset', '--topic', topic, ...to, ...words, ...execute),
    /** Reads lag through another part of the program. */
    lags: async () => lagsOf(await snapshotOf(config), group, topic),
    [Symbol.asyncDispose]: () => rm(state, { recursive: true }),
  };
}

/** Reads this many messages as a member of the group, which it stays while `during` runs. */
export async function reading(config: ClusterConfig, count: number, during: () => Promise<void>): Promise<number[]> {
  const stop = new AbortController();
  const io = { signal: AbortSignal.any([stop.signal, AbortSignal.timeout(240_000)]) };
  await using traffic = await driverOf(config).traffic('lab', config, io);
  await using consumer = await traffic.consumer({ group, topic, from: 'start' });
  const enough = Promise.withResolvers<void>();
  const offsets: number[] = [];
  const running = consumer.run((incoming) => {
    offsets.push(...incoming.offsets);
    if (offsets.length >= count) enough.resolve();
  }, io);
  try {
    await Promise.race([enough.promise, running.then(() => Promise.reject(new Error('the reader ended first')))]);
    await during();
    return offsets;
  } finally {
    stop.abort();
    await running.catch(() => undefined);
  }
}
