// Changes the role of a stopped member of a RocketMQ lab, as an operator does in its broker.conf.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A broker reads this file at start, and writes changed settings back to it. @param name `broker-2` */
export function giveRole(home: string, name: string, brokerId: number, brokerRole: 'ASYNC_MASTER' | 'SLAVE'): void {
  const file = join(home, name, 'node.conf');
  const settings = readFileSync(file, 'utf8')
    .replace(/^brokerId=.*$/m, `brokerId=${brokerId}`)
    .replace(/^brokerRole=.*$/m, `brokerRole=${brokerRole}`);
  writeFileSync(file, settings);
}
