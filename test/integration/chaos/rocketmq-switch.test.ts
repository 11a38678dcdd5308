// Checks that master and slave of a real RocketMQ switch under load, or stay, for every fault at any time (docs/evidence/chaos.md).

import { expect } from 'vitest';
import { ignoreFault } from '../../../core/errors.ts';
import { meetFault } from '../../support/chaos/meet-fault.ts';
import type { ChaosRow } from '../../support/chaos/record.ts';
import type { Scenario } from '../../support/chaos/scenario.ts';
import type { ByHand } from '../../support/chaos/watched-change.ts';
import { giveRole } from '../../support/give-role.ts';
import {
  awaitPermissions,
  chaosOf,
  chaosOfRocketmq,
  permissionOf,
  permissionsNow,
  readyMembers,
  settledRow,
  start,
  stop,
  type Site,
} from '../../support/chaos/rocketmq-site.ts';

const longest = { change: 200, recovery: 200 };

interface Roles {
  master: string;
  slave: string;
}

async function rolesNow({ cluster, lab }: Site): Promise<Roles | undefined> {
  const listings = await cluster.desk.listings({ signal: AbortSignal.timeout(10_000) });
  const members = new Map(listings.flatMap(({ brokers = [] }) => brokers.flatMap((each) => [...each.addresses])));
  const nameOf = (id: number) => {
    const index = lab.brokers.findIndex(({ address }) => address === members.get(id));
    return index < 0 ? undefined : `broker-${index + 1}`;
  };
  const [master, slave] = [nameOf(0), nameOf(1)];
  return master === undefined || slave === undefined ? undefined : { master, slave };
}

/** Actions of the operator for the change and for its rollback. */
function operatorOf({ master, slave }: Roles, site: Site): readonly ByHand[] {
  return [
    { sign: /still answers: stop it/, act: () => stop(master, site) },
    {
      sign: /step \d of \d, start-as-master/,
      async act() {
        await stop(slave, site);
        giveRole(site.lab.home, slave, 0, 'ASYNC_MASTER');
        await start(slave, site);
      },
    },
    {
      sign: /step \d of \d, start-as-slave/,
      async act() {
        await stop(master, site);
        giveRole(site.lab.home, master, 1, 'SLAVE');
        await start(master, site);
      },
    },
    { sign: /rollback of start-as-slave/, act: () => stop(master, site) },
    {
      sign: /rollback of start-as-master/,
      async act() {
        await stop(slave, site);
        giveRole(site.lab.home, slave, 1, 'SLAVE');
      },
    },
    {
      sign: /rollback of stop-master/,
      async act() {
        giveRole(site.lab.home, master, 0, 'ASYNC_MASTER');
        await start(master, site);
        await start(slave, site);
      },
    },
  ];
}

async function awaitMembers(site: Site): Promise<void> {
  for (const [index, { address }] of site.lab.brokers.entries()) {
    if (site.stopped.has(`broker-${index + 1}`)) continue;
    await expect.poll(() => permissionOf(address, site), { timeout: 60_000, interval: 1000 }).toBeDefined();
  }
}

async function runScenario(scenario: Scenario, site: Site): Promise<ChaosRow> {
  await readyMembers(site, ['broker-1', 'broker-2'], /^broker-a,6$/);
  const before = await rolesNow(site);
  if (before === undefined) throw new Error('a master or a slave is missing');
  const common = chaosOf(site, ['ops', 'rocketmq', 'switch', '--broker', 'broker-a'], { broker: before.slave });
  const met = await meetFault(scenario, {
    ...common,
    execute: ['--quiet', '3s', '--wait', '150s', '--execute', ...common.confirm],
    byHand: operatorOf(before, site),
    settled: () => awaitMembers(site),
    // `--abort` restores permissions only after the members that the operator starts respond again.
    attempts: 2,
    longest,
  });
  await awaitPermissions(site, /^broker-a,6$/).catch(ignoreFault('the checks below show what is left'));
  const [now, routed] = [await rolesNow(site), await permissionsNow(site)];
  const isOld = now?.master === before.master && now.slave === before.slave;
  const isNew = now?.master === before.slave && now.slave === before.master;
  const layout = isOld ? 'old' : isNew ? 'new' : 'mixed';
  const left: string[] = routed === 'broker-a,6' ? [] : [`routes: ${routed}`];
  for (const { address } of site.lab.brokers) {
    const permission = await permissionOf(address, site);
    if (permission !== '6') left.push(`${address}: brokerPermission=${permission}`);
  }
  return settledRow(scenario, met, { layout, now: JSON.stringify(now), left });
}

chaosOfRocketmq('switch', { mode: 'master-slave' }, runScenario);
