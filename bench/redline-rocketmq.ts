// Measures a RocketMQ redline: its maximum compared with a measured limit, policy, losses, latency and restored queues.

import { setTimeout as delay } from 'node:timers/promises';
import { startRocketmqRedlineLab, type PacedLoad } from '../test/support/rocketmq-redline-lab.ts';
import { atMost, type Bench } from './bench.ts';
import { canaryTopic, changedLines, policy, runRedline, shortestHoldSeconds, topic } from './redline-lab.ts';
import { bundleOf, canaryRow, foundRows, holdSecondsOf, policyRow, redlineOptions } from './redline.ts';

/** Speed of each broker's network interface; the clients are not limited. */
const megabits = 25;
const messageBytes = 10_000;
const liveRate = 300;
const queues = 8;
const drivenSeconds = 24;

type LiveRocketmq = Awaited<ReturnType<typeof startLiveRocketmq>>;

/** Starts live traffic that has settled: latencies between the warm-up and the redline are recorded separately. */
export async function startLiveRocketmq(seconds: Pick<PacedLoad, 'warmUpSeconds' | 'beforeSeconds'>) {
  await using opened = new AsyncDisposableStack();
  const lab = opened.use(await startRocketmqRedlineLab({ megabits, analyzer: { policy } }));
  await lab.createTopic(topic, queues);
  await lab.createTopic(canaryTopic, 1);
  const consumer = opened.use(lab.consume(topic, 'readers'));
  const producer = opened.use(lab.produce(topic, { rate: liveRate, bytes: messageBytes, ...seconds }));
  await lab.until(producer, /sent \d+/);
  const settling = delay(1000 * (seconds.warmUpSeconds + seconds.beforeSeconds));
  const [before] = await Promise.all([lab.layoutOf(topic), settling]);
  const resources = opened.move();
  return { ...lab, consumer, producer, before, [Symbol.asyncDispose]: () => resources[Symbol.asyncDispose]() };
}

export const rocketmqWords = (bundle: string, holdSeconds = shortestHoldSeconds): string[] =>
  `--broker broker-a --hold ${holdSeconds}s --step 5% --sample 8s --max-moves 200 --canary ${canaryTopic} --out ${bundle} --execute`.split(
    ' ',
  );

/** Write queues follow read queues after 50 s, and producers need 30 s more to find them. */
export const killedInStep = { sign: /step 1: broker-a gets more queues/, afterSeconds: 57 };

export const redlineRocketmq = {
  name: 'redline-rocketmq',
  summary: 'as redline, for RocketMQ: two masters, live traffic of Apache’s clients',
  options: redlineOptions,
  evidence: 'docs/explanation/redline.md',

  async run(io) {
    const tell = (text: string) => io.stderr.write(`${text}\n`);
    await using lab = await startLiveRocketmq({ warmUpSeconds: 10, beforeSeconds: 15 });
    tell(lab.before.join(', '));
    const bundle = bundleOf(io, lab);
    const holdSeconds = holdSecondsOf(io);
    const document = await runRedline(lab, rocketmqWords(bundle, holdSeconds), io.stderr);
    const live = await lab.producer.end();
    tell(JSON.stringify(live));
    const after = await lab.layoutOf(topic);
    const driven = await drivenLimit(lab);
    tell(`driven: ${driven} msg/s`);
    tell(lab.consumer.printed().trim().split('\n').at(-1) ?? '');
    const setting = `RocketMQ, ${megabits} Mbit/s cards, ${messageBytes} B, 1 group, steps of ${holdSeconds} s`;
    return [
      ...foundRows('broker-a', setting, document, driven),
      await policyRow(bundle),
      atMost(
        `messages lost or stored twice of ${live.acknowledged} acknowledged (${live.failed} refused)`,
        'messages',
        Math.abs(live.acknowledged - live.stored),
        0,
      ),
      atMost('p99 of the producer with the redline over p99 before', 'ratio', live.after / live.before, 2),
      await canaryRow(bundle),
      atMost(
        `brokers of 2 whose queues are not as before (${document.moves} queues added and removed)`,
        'brokers',
        changedLines(lab.before, after) + Math.abs(after.length - lab.before.length),
        0,
      ),
    ];
  },
} satisfies Bench;

/**
 * Measures the limit with another topic that has queues on broker-a only: acknowledged rate of producers without a
 * target rate while a group reads.
 */
async function drivenLimit(lab: LiveRocketmq): Promise<number> {
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
  // Each line covers the previous ten seconds.
  const rates = [...producer.printed().matchAll(/Send TPS: (\d+)/g)].map(([, rate]) => Number(rate)).slice(-8);
  return rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
}
