// Real RocketMQ clusters on three hosts that are installed from an archive over SSH, restarted, upgraded and rolled back under load.

import { testInstallation } from '../../support/installed-rocketmq.ts';
import { fullMatrix } from '../../support/prerequisites.ts';

/**
 * Two hosts run a master and the slave of the other, as in public courses. Each has a name server: the lease of a change is lost while
 * all of them are down for a minute.
 */
const crosswise = (loss: string) => ({
  broker: 'rocketmq',
  mode: 'master-slave',
  nameServers: ['worker1', 'worker2', 'worker3'],
  groups: { 'broker-a': ['worker2', 'worker3'], 'broker-b': ['worker3', 'worker2'] },
  loss,
});

const controller = {
  broker: 'rocketmq',
  mode: 'controller',
  nameServers: ['worker1'],
  controllers: ['worker1', 'worker2', 'worker3'],
  groups: { 'broker-a': ['worker1', 'worker2', 'worker3'] },
};

if (fullMatrix) {
  const machines = ['worker1', 'worker2', 'worker3'];
  testInstallation({
    title: 'two masters and two slaves crosswise, asynchronous',
    machines,
    layout: crosswise('may-lose'),
    commands: ['roll', 'upgrade', 'back'],
  });
  testInstallation({
    title: 'two masters and two slaves crosswise, synchronous',
    machines,
    layout: crosswise('acknowledged'),
    commands: ['resumed', 'aborted', 'killed'],
  });
  testInstallation({
    title: 'a controller and three brokers that it leads',
    machines,
    layout: controller,
    commands: ['roll', 'upgrade', 'back'],
  });
}
