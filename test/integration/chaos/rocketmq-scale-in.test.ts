// Checks that a broker of a real RocketMQ is removed under load, or stays, for every fault at any time (docs/evidence/chaos.md).

import { ignoreFault } from '../../../core/errors.ts';
import { meetFault } from '../../support/chaos/meet-fault.ts';
import type { ChaosRow } from '../../support/chaos/record.ts';
import type { Scenario } from '../../support/chaos/scenario.ts';
import {
  addressOf,
  awaitPermissions,
  chaosOf,
  chaosOfRocketmq,
  permissionOf,
  permissionsNow,
  readyMembers,
  settledRow,
  stop,
  type Site,
} from '../../support/chaos/rocketmq-site.ts';

const longest = { change: 150, recovery: 150 };
const quickly = ['--quiet', '2s', '--give-up-replay', '--wait', '120s'];
const layouts = { old: 'broker-a,6 broker-b,6', new: 'broker-a,6' };

async function runScenario(scenario: Scenario, site: Site): Promise<ChaosRow> {
  await readyMembers(site, ['broker-2'], /^broker-a,6 broker-b,6$/);
  const common = chaosOf(site, ['ops', 'rocketmq', 'scale-in', '--broker', 'broker-b'], { broker: 'broker-2' });
  const met = await meetFault(scenario, {
    ...common,
    execute: [...quickly, '--execute', ...common.confirm],
    byHand: [{ sign: /still answers: stop it/, act: () => stop('broker-2', site) }],
    settled: async () => undefined,
    longest,
  });
  await awaitPermissions(site, /^broker-a,6( broker-b,6)?$/).catch(ignoreFault('the checks below show what is left'));
  const now = await permissionsNow(site);
  const layout = now === layouts.old ? 'old' : now === layouts.new ? 'new' : 'mixed';
  const permission = layout === 'new' ? undefined : await permissionOf(addressOf('broker-2', site), site);
  const left = permission === undefined || permission === '6' ? [] : [`brokerPermission=${permission}`];
  return settledRow(scenario, met, { layout, now, left });
}

chaosOfRocketmq('scale-in', { mode: 'two-masters', nameServers: 2 }, runScenario);
