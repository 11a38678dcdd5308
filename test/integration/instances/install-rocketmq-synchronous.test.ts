// Real RocketMQ masters and their synchronous slaves, installed from an archive over SSH, changed under load by a program that is killed.

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
