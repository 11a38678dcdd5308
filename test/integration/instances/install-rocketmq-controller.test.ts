// Installs real RocketMQ brokers with a controller on three hosts from an archive over SSH; restarts, upgrades and rolls back under load.

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
