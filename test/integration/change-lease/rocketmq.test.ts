// Checks that one operator at a time holds the lease of a real RocketMQ, from the race to the takeover. Every test run checks that of
// Kafka.

import { fenceHeldUpOperator, raceForLease } from '../../support/lease-operators.ts';
import { changedCluster } from '../../support/changed-cluster.ts';
import { fullMatrix, requires } from '../../support/prerequisites.ts';
import { startRocketmq } from '../../support/rocketmq.ts';

if (fullMatrix) {
  requires('java', 'maven').test(
    'only one operator gets the lease, an expired one is taken over, and a paused operator is fenced: RocketMQ',
    async () => {
      await using lab = await startRocketmq({ nameServers: 2 });
      await using cluster = changedCluster(lab);
      await cluster.define('orders', ['orders-readers']);
      const words = ['ops', 'rocketmq', 'queues', '--config', lab.configPath, '--state-dir', lab.home];
      const change = ['--topic', 'orders', '--to', '4', '--settle', '1s', '--execute', '--confirm', 'lab'];
      await raceForLease(lab.configPath, [...words, ...change]);
      await fenceHeldUpOperator(lab.configPath);
    },
    180_000,
  );
}
