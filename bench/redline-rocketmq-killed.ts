// Kills a RocketMQ redline in the middle with SIGKILL, and measures what --resume restores.

import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { atMost, type Bench } from './bench.ts';
import { changedLines, killRedline, leaseSeconds, runRedline, topic } from './redline-lab.ts';
import { killedInStep, rocketmqWords, startLiveRocketmq } from './redline-rocketmq.ts';

export const redlineRocketmqKilled = {
  name: 'redline-rocketmq-killed',
  summary: 'a redline of RocketMQ killed in a step: what is restored, and what becomes of the messages',
  options: {},
  evidence: 'docs/explanation/redline.md',

  async run({ stderr }) {
    await using lab = await startLiveRocketmq({ warmUpSeconds: 0, beforeSeconds: 10 });
    await killRedline(lab, rocketmqWords(join(lab.folder, 'redline-bundle')), killedInStep, stderr);
    const killed = await lab.layoutOf(topic);
    await delay(1000 * leaseSeconds);
    const document = await runRedline(lab, ['--broker', 'broker-a', '--resume', '--take-over'], stderr);
    const live = await lab.producer.end();
    const changed = changedLines(lab.before, killed);
    return [
      {
        metric: `brokers of 2 with other queues when it was killed (${killed.join(', ')}); --resume: ${document.analysis?.redline?.safeMaxTps.kind}, ${document.stop?.message}`,
        unit: 'brokers',
        ours: changed,
        goal: 'at least 1',
        met: changed >= 1,
      },
      atMost(
        'brokers with other queues after --resume',
        'brokers',
        changedLines(lab.before, await lab.layoutOf(topic)),
        0,
      ),
      atMost(
        `messages lost or stored twice of ${live.acknowledged} acknowledged (${live.failed} refused)`,
        'messages',
        Math.abs(live.acknowledged - live.stored),
        0,
      ),
    ];
  },
} satisfies Bench;
