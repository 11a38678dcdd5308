// Measures the CPU cost of a message in Apache's Java clients, with their benchmark programs.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { AppError, awaitedElsewhere } from '../core/errors.ts';
import { cacheFolder } from '../core/user-folders.ts';
import { brokerJars } from '../lab/broker-jars.ts';
import { kafkaRelease } from '../lab/kafka/release.ts';
import { findJava } from '../lab/prerequisites.ts';
import type { Release } from '../lab/release.ts';
import { cpuSecondsOf } from './measured-process.ts';

export interface JavaProgram {
  mainClass: string;
  words: readonly string[];
  heap: '512m' | '1g';
  /** Returns messages since the start, from a line of its output; undefined for other lines. */
  messagesIn(line: string, before: number): number | undefined | Promise<number | undefined>;
}

export interface JavaJars {
  java: string;
  lib: string;
}

/**
 * Same options as kafka-producer-perf-test.sh and kafka-run-class.sh, with the whole heap from the start; RocketMQ uses
 * the 1 GB of its benchmark/runclass.sh. Its client may keep 65,535 asynchronous sends unanswered
 * (clientAsyncSemaphoreValue), which do not fit in 512 MB.
 */
const jvm = (heap: string) => [`-Xms${heap}`, `-Xmx${heap}`, '-server', '-XX:+UseG1GC'];

interface JarsIo {
  signal: AbortSignal;
  progress(line: string): void;
}

export const kafkaTools = (version: string, io: JarsIo): Promise<JavaJars> => {
  const release = kafkaRelease(version);
  const tools = { group: 'org.apache.kafka', artefact: 'kafka-tools', version };
  const artefacts = [...release.artefacts, tools];
  return jarsOf({ ...release, product: 'kafka-tools', title: "Kafka's tools", artefacts }, io);
};

/**
 * Maven Central has this jar for 4.1 to 4.7.0 and for 5.5.0, and for no version in between (maven-metadata.xml,
 * November 2026).
 */
export const rocketmqExampleVersion = '5.5.0';

export const rocketmqExample = (io: JarsIo): Promise<JavaJars> =>
  jarsOf(
    {
      product: 'rocketmq-example',
      title: "RocketMQ's examples",
      version: rocketmqExampleVersion,
      artefacts: [{ group: 'org.apache.rocketmq', artefact: 'rocketmq-example', version: rocketmqExampleVersion }],
      complete: [rocketmqExampleVersion],
    },
    io,
  );

async function jarsOf(release: Release, { signal, progress }: JarsIo): Promise<JavaJars> {
  const io = { signal, progress, environment: process.env };
  return { java: await findJava(io), lib: await brokerJars(release, join(cacheFolder(process.env), 'lab'), io) };
}

/** Maximum silence of a working program: the longest, RocketMQ's, prints first after ten seconds. */
const mostQuietSeconds = 60;

/**
 * Ends the program once it is measured, or silent for a minute; a program that ends on its own is measured up to its
 * last line.
 *
 * @param warmUp messages or seconds after which JIT and connections count as warm: everything before is ignored
 * @returns messages per CPU second of the whole JVM, JIT and garbage collection included
 * @throws AppError run-failed if it ends without a line after the warm-up
 */
export async function measureJava(
  { java, lib }: JavaJars,
  { mainClass, words, heap, messagesIn }: JavaProgram,
  warmUp: { seconds: number } | { messages: number },
  { signal, measuredSeconds }: { signal: AbortSignal; measuredSeconds: number },
): Promise<number> {
  const child = spawn(java, [...jvm(heap), '-cp', join(lib, '*'), mainClass, ...words], {
    signal,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'close');
  ended.catch(awaitedElsewhere);
  const { pid } = child;
  if (pid === undefined) throw new AppError('prerequisite-missing', `${java} did not start`);
  let talk = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (talk = (talk + text).slice(-1000)));
  let messages = 0;
  let first: Sample | undefined;
  let last: Sample | undefined;
  let begun: number | undefined;
  const quiet = setTimeout(() => child.kill('SIGKILL'), 1000 * mostQuietSeconds);
  for await (const line of createInterface(child.stdout)) {
    quiet.refresh();
    const said = await messagesIn(line, messages);
    if (said === undefined) {
      talk = (talk + line).slice(-1000);
      continue;
    }
    messages = said;
    const sample = { messages, cpuSeconds: cpuSecondsOf(pid), at: performance.now() / 1000 };
    begun ??= sample.at;
    const isWarm = 'seconds' in warmUp ? sample.at - begun >= warmUp.seconds : messages >= warmUp.messages;
    if (!isWarm) continue;
    first ??= sample;
    last = sample;
    if (sample.at - first.at >= measuredSeconds) break;
  }
  clearTimeout(quiet);
  child.kill('SIGKILL');
  await ended;
  signal.throwIfAborted();
  if (first === undefined || last === undefined || last.cpuSeconds <= first.cpuSeconds) {
    throw new AppError('run-failed', `${mainClass} told nothing after its warm-up: ${talk}`);
  }
  return (last.messages - first.messages) / (last.cpuSeconds - first.cpuSeconds);
}

interface Sample {
  messages: number;
  cpuSeconds: number;
  at: number;
}

const flags = (values: Readonly<Record<string, string>>) =>
  Object.entries(values).flatMap(([name, value]) => [`--${name}`, value]);

/** @param payload `record-size`: draws bytes for each record; `payload-file`: lines of a file, read before the start */
export const producerPerformance = (
  bootstrap: string,
  topic: string,
  { acks, payload }: { acks: 'leader' | 'all'; payload: Readonly<Record<string, string>> },
): JavaProgram => ({
  mainClass: 'org.apache.kafka.tools.ProducerPerformance',
  heap: '512m',
  words: [
    ...flags({ 'bootstrap-server': bootstrap, topic, ...payload }),
    ...flags({ 'num-records': '2000000000', throughput: '-1', 'reporting-interval': '500' }),
    '--command-property',
    `acks=${acks === 'all' ? 'all' : '1'}`,
    'batch.size=262144',
    'linger.ms=10',
    'buffer.memory=67108864',
    'compression.type=none',
  ],
  messagesIn(line, before) {
    const [, sent] = /^(\d+) records sent, /.exec(line) ?? [];
    return sent === undefined ? undefined : before + Number(sent);
  },
});

export const consumerPerformance = (
  bootstrap: string,
  topic: string,
  group: string,
  messages: number,
): JavaProgram => ({
  mainClass: 'org.apache.kafka.tools.ConsumerPerformance',
  heap: '512m',
  words: [
    ...flags({ 'bootstrap-server': bootstrap, topic, group, 'num-records': String(messages) }),
    ...flags({ 'reporting-interval': '250', timeout: '30000' }),
    '--show-detailed-stats',
    '--hide-header',
  ],
  // Columns: time, id, MB, MB/s, messages, messages/s, …
  messagesIn(line) {
    const cells = line.split(', ');
    return cells.length >= 6 && /^\d{4}-/.test(cells[0] ?? '') ? Number(cells[4]) : undefined;
  },
});

/**
 * Runs 64 threads, the default. The program prints means over the last ten seconds, so the queues are read instead.
 *
 * @param stored returns messages in the topic, from the broker
 */
export const rocketmqProducer = (
  nameServer: string,
  topic: string,
  {
    isAsync,
    messageBytes,
    stored,
  }: { isAsync: boolean; messageBytes: number; stored: () => Promise<number | undefined> },
): JavaProgram => ({
  mainClass: 'org.apache.rocketmq.example.benchmark.Producer',
  heap: '1g',
  words: Object.entries({ n: nameServer, t: topic, s: messageBytes, w: 64, y: isAsync, ri: 500 }).flatMap(
    ([letter, value]) => [`-${letter}`, String(value)],
  ),
  // Current Time: … | Send TPS: 1234 | … | Send Failed: 0 | Response Failed: 0
  messagesIn: (line) => (line.includes('Send TPS: ') ? stored() : undefined),
});
