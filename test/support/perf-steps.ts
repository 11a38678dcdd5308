// Runs kafka-producer-perf-test at a series of rates, with a consumer beside it.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { consumerPerformance, type JavaJars } from '../../bench/java-clients.ts';
import { startJavaLoad } from './java-load.ts';

export interface PerfStep {
  rate: number;
  /** File with its standard output. */
  file: string;
  /** Intended time of its first record. */
  startedAt: Date;
}

export interface PerfSteps {
  jars: JavaJars;
  namespace: string;
  bootstrap: string;
  topic: string;
  rates: readonly number[];
  seconds: number;
  messageBytes: number;
  /** Folder for one file per rate. */
  folder: string;
}

/** Interval between two of its lines; five seconds by default. */
const reportingSeconds = 1;

export async function runPerfSteps(plan: PerfSteps): Promise<PerfStep[]> {
  const { jars, namespace, bootstrap, topic, rates, seconds } = plan;
  const make = ['--bootstrap-server', bootstrap, '--create', '--topic', topic, '--partitions', '1'];
  await using maker = startJavaLoad(jars, 'org.apache.kafka.tools.TopicCommand', make, { namespace });
  await maker.ended;
  if (!maker.printed().includes('Created topic')) throw new Error(maker.printed());
  const messages = rates.reduce((sum, rate) => sum + rate * seconds, 0);
  const reader = consumerPerformance(bootstrap, topic, `${topic}-readers`, messages);
  await using _reading = startJavaLoad(jars, reader.mainClass, reader.words, { namespace });
  const steps: PerfStep[] = [];
  for (const rate of rates) steps.push(await runPerfStep(rate, plan));
  return steps;
}

async function runPerfStep(
  rate: number,
  { jars, namespace, bootstrap, topic, seconds, messageBytes, folder }: PerfSteps,
): Promise<PerfStep> {
  const words = Object.entries({
    'bootstrap-server': bootstrap,
    topic,
    'record-size': messageBytes,
    'num-records': rate * seconds,
    throughput: rate,
    'reporting-interval': reportingSeconds * 1000,
    'command-property': 'acks=all',
  }).flatMap(([name, value]) => [`--${name}`, String(value)]);
  await using load = startJavaLoad(jars, 'org.apache.kafka.tools.ProducerPerformance', words, { namespace });
  let isOver = false;
  const over = load.ended.then(() => (isOver = true));
  while (!isOver && !load.printed().includes(' records sent, ')) await delay(20);
  const startedAt = new Date(Date.now() - reportingSeconds * 1000);
  await over;
  if (!load.printed().includes(' 99.9th.')) throw new Error(load.printed());
  const file = join(folder, `producer-${rate}.log`);
  await writeFile(file, load.printed());
  return { rate, file, startedAt };
}
