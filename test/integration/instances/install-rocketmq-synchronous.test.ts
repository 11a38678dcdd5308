// Installs real RocketMQ masters with synchronous slaves from an archive over SSH; changes them under load with a process that is killed.

import { crosswise } from '../../support/crosswise.ts';
import { testInstallation } from '../../support/installed-rocketmq.ts';
import { fullMatrix } from '../../support/prerequisites.ts';

if (fullMatrix) {
  testInstallation({
    title: 'two masters and two slaves crosswise, synchronous',
    ...crosswise('acknowledged'),
    commands: ['resumed', 'aborted', 'killed'],
  });
}
