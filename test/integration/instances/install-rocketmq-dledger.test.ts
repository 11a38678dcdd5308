// Installs real DLedger groups on nine hosts from an archive over SSH; restarts, upgrades and rolls them back under load.

import { testInstallation } from '../../support/installed-rocketmq.ts';
import { fullMatrix } from '../../support/prerequisites.ts';

const nine = Array.from({ length: 9 }, (_, index) => `machine-${index + 1}`);
const dledger = {
  broker: 'rocketmq',
  mode: 'dledger',
  nameServers: nine.slice(0, 3),
  groups: { RaftNode00: nine.slice(3, 6), RaftNode01: nine.slice(6) },
  loss: 'acknowledged',
};

if (fullMatrix) {
  testInstallation({
    title: 'three name servers and six brokers in DLedger groups',
    machines: nine,
    layout: dledger,
    commands: ['roll', 'upgrade', 'back'],
  });
}
