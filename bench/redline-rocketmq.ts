// Measures a redline of RocketMQ: its maximum against the limit driven afterwards, policy, losses, latency and the restored queues.

import { setTimeout as delay } from 'node:timers/promises';
import { startRocketmqRedlineLab } from '../test/support/rocketmq-redline-lab.ts';
import type { Bench } from './bench.ts';
import {
  canaryP99s,
  canaryTopic,
  documentOf,
  highestOverPolicy,
  policy,
  shortestHoldSeconds,
  topic,
} from './redline-lab.ts';
import { atMost, bundleOf, holdSecondsOf, redlineOptions } from './redline.ts';

/** Of each broker's card; the clients have none of their own. */
const megabits = 25;
export const messageBytes = 10_000;
export const liveRate = 300;
export const queues = 8;
const drivenSeconds = 24;

export type RocketmqLab = Awaited<ReturnType<typeof startRocketmqRedlineLab>>;

export async function startLiveRocketmq(): Promise<RocketmqLab> {
  const lab = await startRocketmqRedlineLab({ megabits, analyzer: { policy } });
  await lab.createTopic(topic, queues);
  await lab.createTopic(canaryTopic, 1);
  return lab;
}

export const rocketmqWords = (bundle: string, holdSeconds = shortestHoldSeconds): string[] =>
  `--broker broker-a --hold ${holdSeconds}s --step 5% --sample 8s --max-moves 200 --canary ${canaryTopic} --out ${bundle}`.split(
    ' ',
  );

export const redlineRocketmq = {
  name: 'redline-rocketmq',
  summary: 'as redline, for RocketMQ: two masters, live traffic of Apache’s clients',
  options: redlineOptions,
  evidence: 'docs/redline.md',

  async run(io) {
    const tell = (text: string) => io.stderr.write(`${text}\n`);
    await using lab = await startLiveRocketmq();
    await using consumer = lab.consume(topic, 'readers');
    await using producer = lab.produce(topic, {
      rate: liveRate,
      bytes: messageBytes,
      warmUpSeconds: 10,
      beforeSeconds: 15,
    });
    await lab.until(producer, /sent \d+/);
    const [before] = await Promise.all([lab.layoutOf(topic), delay(25_000)]);
    tell(before.join(', '));
    const bundle = bundleOf(io, lab);
    const run = lab.redline(
      ...rocketmqWords(bundle, holdSecondsOf(io)),
      '--execute',
      '--confirm',
      lab.confirm,
      '--json',
    );
    run.child.stderr?.on('data', (text) => io.stderr.write(String(text)));
    const document = documentOf(await run.ended);
    const live = await producer.end();
    tell(JSON.stringify(live));
    const after = await lab.layoutOf(topic);
    const driven = await drivenLimit(lab);
    tell(`driven: ${driven} msg/s`);
    tell(consumer.printed().trim().split('\n').at(-1) ?? '');
    const full = document.analysis?.redline?.saturationTps;
    const safe = document.analysis?.redline?.safeMaxTps;
    const ours = full !== undefined && 'estimateTps' in full ? full.estimateTps : 0;
    const canary = await canaryP99s(bundle);
    return [
      {
        metric: `saturation of broker-a that the redline predicts (RocketMQ, ${megabits} Mbit/s cards, ${messageBytes} B, 1 group, steps of ${holdSecondsOf(io)} s; ${document.stop?.message})`,
        unit: 'msg/s',
        ours,
        peer: { name: 'driven afterwards', version: 'same lab', value: driven },
        goal: 'within 5%',
        met: Math.abs(ours / driven - 1) <= 0.05,
      },
      {
        metric: `safe maximum of broker-a, ${safe?.kind}, over 80% of the driven limit`,
        unit: 'ratio',
        ours: safe !== undefined && 'estimateTps' in safe ? safe.estimateTps / (0.8 * driven) : 0,
        goal: 'none',
      },
      atMost(
        'highest p99 of network use in a step, over the policy limit',
        'ratio',
        await highestOverPolicy(bundle),
        1,
      ),
      atMost(
        `messages lost or stored twice of ${live.acknowledged} acknowledged (${live.failed} refused)`,
        'messages',
        Math.abs(live.acknowledged - live.stored),
        0,
      ),
      atMost('p99 of the producer with the redline over p99 before', 'ratio', live.after / live.before, 2),
      atMost(
        `p99 of the canary after step 0 over step 0 (${canary.samples} samples)`,
        'ratio',
        canary.during / canary.before,
        2,
      ),
      atMost(
        `brokers of 2 whose queues are not as before (${document.moves} queues added and removed)`,
        'brokers',
        after.filter((line) => !before.includes(line)).length + Math.abs(after.length - before.length),
        0,
      ),
    ];
  },
} satisfies Bench;

/** Another topic has queues at broker-a only: what it acknowledges to producers without a target rate, while a group reads. */
async function drivenLimit(lab: RocketmqLab): Promise<number> {
  const name = 'driven';
  await lab.createTopic(
    name,
    queues,
    lab.rocketmq.brokers.filter(({ id }) => id === 'broker-a:0'),
  );
  await using _consumer = lab.consume(name, 'driven-readers');
  await using producer = lab.flood(name, messageBytes);
  await lab.until(producer, /Send TPS: /);
  await delay(1000 * drivenSeconds);
  // Each line is of the ten seconds before it.
  const rates = [...producer.printed().matchAll(/Send TPS: (\d+)/g)].map(([, rate]) => Number(rate)).slice(-8);
  return rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
}
