// Plans a redline of a real RocketMQ under live traffic; in the full matrix, executes one and kills another.

import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import {
  canaryTopic,
  highestOverPolicy,
  killRedline,
  leaseSeconds,
  runRedline,
  topic,
} from '../../bench/redline-lab.ts';
import { killedInStep, rocketmqWords, startLiveRocketmq } from '../../bench/redline-rocketmq.ts';
import { RedlineDocument } from '../../core/documents/redline.ts';
import { liveNameOf } from '../support/live-name.ts';
import { fullMatrix, requires } from '../support/prerequisites.ts';
import { startRocketmq } from '../support/rocketmq.ts';
import { startChangeLoad } from '../support/rocketmq-change-load.ts';
import { runCli } from '../support/run-cli.ts';

if (fullMatrix) {
  requires('java', 'maven').test(
    'a plan for RocketMQ lists the queues of each step, skips ordered topics, and changes nothing',
    async () => {
      await using rocketmq = await startRocketmq({ mode: 'two-masters' });
      for (const { address } of rocketmq.brokers) {
        for (const [name, order] of [
          ['orders', 'false'],
          ['ledger', 'true'],
        ] as const)
          await rocketmq.mqadmin(['updateTopic', '-b', address, '-t', name, '-r', '4', '-w', '4', '-o', order]);
      }
      await using _orders = await startChangeLoad(rocketmq, { topic: 'orders' });
      await using _ledger = await startChangeLoad(rocketmq, { topic: 'ledger' });
      // Other tests use the CPU and the disk of this machine, too.
      await appendFile(rocketmq.configPath, 'analyzer:\n  policy: { cpu: 100%, disk: 100% }\n');
      const words = [
        'redline',
        '--config',
        rocketmq.configPath,
        '--broker',
        'broker-a',
        '--sample',
        '3s',
        '--hold',
        '10s',
      ];
      const [planned, named] = await Promise.all([
        runCli(...words, '--json'),
        runCli(...words, '--topics', 'ledger', '--execute', '--confirm', liveNameOf(rocketmq)),
      ]);
      expect(planned, planned.stderr).toMatchObject({ exitCode: 0 });
      const { plan, broker, brokerKind } = RedlineDocument.parse(JSON.parse(planned.stdout));
      expect({ broker, brokerKind }).toEqual({ broker: 'broker-a:0', brokerKind: 'rocketmq' });
      expect(plan?.movablePartitions).toBe(1);
      expect(plan?.leftOut).toEqual([expect.stringMatching(/^ledger: it is an ordered topic/)]);
      expect(plan?.steps[1]?.partitions).toEqual(['orders: 5 write queues']);
      const [first, second] = plan?.steps.map(({ ledTps }) => ledTps) ?? [];
      expect(second).toBeGreaterThan(first ?? Number.POSITIVE_INFINITY);
      expect(named).toMatchObject({ exitCode: 5, stdout: '' });
      expect(named.stderr).toMatch(/ledger: it is an ordered topic/);
      const route = await rocketmq.mqadmin(['topicRoute', '-t', 'orders']);
      expect(route.match(/"writeQueueNums":\s*4/g)).toHaveLength(2);
    },
    180_000,
  );

  requires('root', 'ip', 'tc', 'ethtool', 'java', 'maven').test(
    'a redline of RocketMQ finds a maximum within the policy, loses nothing, and restores queues even after SIGKILL',
    async () => {
      await using lab = await startLiveRocketmq({ warmUpSeconds: 5, beforeSeconds: 10 });
      const { before, producer } = lab;
      await lab.createTopic('idle', 4);
      const bundle = join(lab.folder, 'whole');

      const whole = await runRedline(lab, rocketmqWords(bundle, 30));
      expect(whole.status).toBe('done');
      expect(whole.restored).toEqual({ partitions: 1, left: [] });
      expect(whole.analysis?.redline?.broker).toBe('broker-a:0');
      // At-least if the first two steps vary too much for a third within the policy.
      expect(['confirmed', 'predicted', 'at-least']).toContain(whole.analysis?.redline?.safeMaxTps.kind);
      expect(await highestOverPolicy(bundle)).toBeLessThanOrEqual(1);
      expect(await lab.layoutOf(topic)).toEqual(before);

      await killRedline(lab, rocketmqWords(join(lab.folder, 'killed')), killedInStep);
      expect(await lab.layoutOf(topic)).not.toEqual(before);
      await delay(1000 * leaseSeconds);
      const aborted = await runRedline(lab, ['--broker', 'broker-a', '--abort', '--take-over']);
      expect(aborted.status).toBe('rolled-back');
      expect(await lab.layoutOf(topic)).toEqual(before);

      const { acknowledged, failed, stored } = await producer.end();
      expect([failed, producer.printed().match(/^! .*$/gm)]).toEqual([0, null]);
      expect(stored).toBe(acknowledged);
      expect(await lab.storedIn(canaryTopic)).toBeGreaterThan(100);
    },
    900_000,
  );
}
