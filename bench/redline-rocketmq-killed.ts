// Kills a redline of RocketMQ in the middle with SIGKILL, and measures what --resume restores.

import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { AppError } from '../core/errors.ts';
import type { Bench } from './bench.ts';
import { documentOf, topic } from './redline-lab.ts';
import { liveRate, messageBytes, rocketmqWords, startLiveRocketmq } from './redline-rocketmq.ts';
import { atMost } from './redline.ts';

/** The lease of a killed process expires after 60 s. */
const leaseSeconds = 65;
const killAfterSeconds = 57;

export const redlineRocketmqKilled = {
  name: 'redline-rocketmq-killed',
  summary: 'a redline of RocketMQ killed in a step: what is restored, and what becomes of the messages',
  options: {},
  evidence: 'docs/redline.md',

  async run(io) {
    await using lab = await startLiveRocketmq();
    await using _consumer = lab.consume(topic, 'readers');
    await using producer = lab.produce(topic, {
      rate: liveRate,
      bytes: messageBytes,
      warmUpSeconds: 0,
      beforeSeconds: 10,
    });
    await lab.until(producer, /sent \d+/);
    const [before] = await Promise.all([lab.layoutOf(topic), delay(10_000)]);
    const words = rocketmqWords(join(lab.folder, 'redline-bundle'));
    const run = lab.redline(...words, '--execute', '--confirm', lab.confirm, '--json');
    let written = '';
    let killing: NodeJS.Timeout | undefined;
    run.child.stderr?.on('data', (text) => {
      written += String(text);
      io.stderr.write(String(text));
      // Write queues follow read queues after 50 s, and producers take 30 s more to find them.
      if (/step 1: broker-a gets more queues/.test(written))
        killing ??= setTimeout(() => run.child.kill('SIGKILL'), 1000 * killAfterSeconds);
    });
    const { exitCode, stderr } = await run.ended;
    clearTimeout(killing);
    if (exitCode !== undefined)
      throw new AppError('run-failed', `it ended by itself with ${exitCode}: ${stderr.slice(-500)}`);
    const killed = await lab.layoutOf(topic);
    await delay(1000 * leaseSeconds);
    const resumed = lab.redline('--broker', 'broker-a', '--resume', '--take-over', '--confirm', lab.confirm, '--json');
    resumed.child.stderr?.on('data', (text) => io.stderr.write(String(text)));
    const document = documentOf(await resumed.ended);
    const live = await producer.end();
    const after = await lab.layoutOf(topic);
    const changed = (layout: readonly string[]) => layout.filter((line) => !before.includes(line)).length;
    return [
      {
        metric: `brokers of 2 with other queues when it was killed (${killed.join(', ')}); --resume: ${document.analysis?.redline?.safeMaxTps.kind}, ${document.stop?.message}`,
        unit: 'brokers',
        ours: changed(killed),
        goal: 'at least 1',
        met: changed(killed) >= 1,
      },
      atMost('brokers with other queues after --resume', 'brokers', changed(after), 0),
      atMost(
        `messages lost or stored twice of ${live.acknowledged} acknowledged (${live.failed} refused)`,
        'messages',
        Math.abs(live.acknowledged - live.stored),
        0,
      ),
    ];
  },
} satisfies Bench;
