// Real brokers of a RocketMQ controller on three hosts that are installed from an archive over SSH, restarted, upgraded and rolled back under load.

import { testInstallation } from '../../support/installed-rocketmq.ts';
import { fullMatrix } from '../../support/prerequisites.ts';

const machines = ['worker1', 'worker2', 'worker3'];
const controller = {
  broker: 'rocketmq',
  mode: 'controller',
  nameServers: ['worker1'],
  controllers: machines,
  groups: { 'broker-a': machines },
};

if (fullMatrix) {
  testInstallation({
    title: 'a controller and three brokers that it leads',
    machines,
    layout: controller,
    commands: ['roll', 'upgrade', 'back'],
  });
}
