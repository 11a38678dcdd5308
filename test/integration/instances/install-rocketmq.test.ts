// Installs real RocketMQ masters with asynchronous slaves from an archive over SSH; restarts, upgrades and rolls them back under load.

import { crosswise } from '../../support/crosswise.ts';
import { testInstallation } from '../../support/installed-rocketmq.ts';
import { fullMatrix } from '../../support/prerequisites.ts';

if (fullMatrix) {
  testInstallation({
    title: 'two masters and two slaves crosswise, asynchronous',
    ...crosswise('may-lose'),
    commands: ['roll', 'upgrade', 'back'],
  });
}
