// Changes a real Kafka under load, and records the effect on its producers.

import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { decodeFromCompressedBase64, type Histogram } from 'hdr-histogram-js';
import { openKafkaChanges } from '../../brokers/kafka/changes/kafka-changes.ts';
import { KafkaClusterConfig } from '../../brokers/kafka/config.ts';
import type { JournalLine } from '../../core/documents/run-bundle.ts';
import type { DrivenRun } from './driven-run.ts';
import type { RunningKafka } from './kafka.ts';
import { forgetLease } from './forget-lease.ts';
import { killWhen } from './kill-when.ts';
import { startCli } from './run-cli.ts';
import { liveNameOf } from './live-name.ts';

export interface Span {
  name: string;
  from: number;
  to: number;
}

/** Lets most changes of the tests end soon. */
const unspaced = (words: readonly string[]) =>
  words.includes('--execute') && !words.includes('--delayed-writes') ? ['--delayed-writes', 'off'] : [];

export async function changedKafka(kafka: RunningKafka) {
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-changes-'));
  const config = KafkaClusterConfig.parse({ broker: 'kafka', bootstrap: kafka.bootstrap });
  const words = ['ops', 'kafka', 'reassign', '--config', kafka.configPath, '--state-dir', folder];
  const io = () => ({ signal: AbortSignal.timeout(60_000) });
  const changes = openKafkaChanges('lab', config);

  return {
    folder,
    changes,
    io,
    start(...more: string[]) {
      const confirm = more.includes('--abort') ? [`--confirm=${liveNameOf(kafka)}`] : [];
      return startCli([...words, ...unspaced(more), ...more, ...confirm]);
    },
    /** Executes the change and returns its result. */
    async execute(...more: string[]) {
      const all = [...more, '--interval', '1', '--execute', `--confirm=${liveNameOf(kafka)}`, '--json'];
      const started = startCli([...words, ...unspaced(all), ...all]);
      return started.ended;
    },
    /** Kills the process with SIGKILL after this message on standard error. */
    async killWhen(sign: RegExp, ...more: string[]): Promise<void> {
      const all = [...more, '--interval', '1', '--execute', `--confirm=${liveNameOf(kafka)}`];
      await killWhen(sign, [...words, ...unspaced(all), ...all], config);
    },
    forgetLease: () => forgetLease(config),
    async replicasOf(topic: string): Promise<number[][]> {
      const { topics } = await changes.describe(io());
      const { partitions = [] } = topics.find(({ name }) => name === topic) ?? {};
      return partitions.map(({ replicas }) => replicas.map(Number));
    },
    async leadersOf(topic: string): Promise<(string | undefined)[]> {
      const { topics } = await changes.describe(io());
      return (topics.find(({ name }) => name === topic)?.partitions ?? []).map(({ leader }) => leader);
    },
    /** Waits until a replica is being copied. @throws after a minute without one */
    async untilMoving(): Promise<void> {
      const { signal } = io();
      for (;;) {
        signal.throwIfAborted();
        if ((await changes.moving(io())).some(({ adding }) => adding.length > 0)) return;
        await delay(100);
      }
    },
    /** Returns temporary settings of a change that are still set. */
    async throttlesLeft(topic: string): Promise<string[]> {
      const own = async (kind: 'topic' | 'broker', name: string) => {
        const sides = ['leader', 'follower'].map(
          (side) => `${side}.replication.throttled.${kind === 'topic' ? 'replicas' : 'rate'}`,
        );
        const known = await changes.settingsOf({ kind, name }, sides, io());
        return [...known].filter(([, { isOwn }]) => isOwn).map(([key, { value }]) => `${name}: ${key}=${value}`);
      };
      const all = await Promise.all([own('topic', topic), ...kafka.brokers.map(({ id }) => own('broker', id))]);
      return all.flat();
    },
    async stateFiles(): Promise<string[]> {
      return readdir(join(folder, 'kafka-changes')).catch(() => []);
    },
    async state(): Promise<{ borrowed: unknown[] }> {
      const file = (await readdir(join(folder, 'kafka-changes'))).find((name) => name.endsWith('.json')) ?? '';
      return JSON.parse(await readFile(join(folder, 'kafka-changes', file), 'utf8')) as { borrowed: unknown[] };
    },
    async [Symbol.asyncDispose]() {
      await changes[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Returns the seconds of the run during which a function ran. */
export async function during<Value>(
  spans: Span[],
  name: string,
  run: DrivenRun,
  act: () => Promise<Value>,
): Promise<Value> {
  const from = run.elapsed();
  const value = await act();
  spans.push({ name, from, to: run.elapsed() });
  return value;
}

/** Computes, for messages intended within each span, the milliseconds until their acknowledgement. */
export function latencies(journal: readonly JournalLine[], spans: readonly Span[]) {
  return spans.map(({ name, from, to }) => {
    let sum: Histogram | undefined;
    for (const line of journal) {
      if (line.kind !== 'produced' || line.latency === '') continue;
      const middle = line.elapsedSeconds - line.intervalSeconds / 2;
      if (middle < from || middle > to) continue;
      const histogram = decodeFromCompressedBase64(line.latency);
      if (sum === undefined) sum = histogram;
      else sum.add(histogram);
    }
    const at = (percentile: number) => (sum === undefined ? undefined : sum.getValueAtPercentile(percentile) / 1000);
    return {
      name,
      seconds: Math.round(to - from),
      messages: sum?.totalCount ?? 0,
      p50: at(50),
      p99: at(99),
      max: at(100),
    };
  });
}
