// Checks that changes of the queues of a real RocketMQ under load recover from every fault at any time (docs/evidence/chaos.md).

import { expect } from 'vitest';
import { meetFault } from '../../support/chaos/meet-fault.ts';
import type { ChaosRow } from '../../support/chaos/record.ts';
import type { Scenario } from '../../support/chaos/scenario.ts';
import { chaosOf, chaosOfRocketmq, topic, type Site } from '../../support/chaos/rocketmq-site.ts';

const longest = { change: 100, recovery: 150 };
const quickly = ['--settle', '4s', '--quiet', '2s', '--give-up-replay', '--wait', '60s'];

const queuesNow = async ({ lab, cluster }: Site) => {
  const all = await Promise.all(lab.namesrv.map((server) => cluster.queues(topic, server)));
  return [...new Set(all.flatMap((one) => Object.values(one)))];
};

async function runScenario(scenario: Scenario, site: Site): Promise<ChaosRow> {
  await expect.poll(() => queuesNow(site), { timeout: 90_000, interval: 1000 }).toHaveLength(1);
  const [from = ''] = await queuesNow(site);
  const to = from === '4/4' ? 2 : 4;
  const common = chaosOf(site, ['ops', 'rocketmq', 'queues', '--topic', topic], { broker: 'broker-2' });
  const { row, ended } = await meetFault(scenario, {
    ...common,
    execute: ['--to', String(to), ...quickly, '--execute', ...common.confirm],
    // A decrease of queues has other steps than an increase.
    ...(to !== 4 && { step: { sign: 'set-writes', within: 3 } }),
    settled: async () => undefined,
    longest,
  });
  const { violations } = row;
  // A restarted name server learns topics with the next registration of each broker, every 30 s by default.
  const hasEnded = async () => (await queuesNow(site).catch(() => [])).join();
  await expect
    .poll(hasEnded, { timeout: 60_000, interval: 1000 })
    .toMatch(/^\d\/\d$/)
    .catch((cause: unknown) => violations.push(`queues differ: ${(cause as Error).message.split('\n')[0]}`));
  const now = await hasEnded();
  const layout = now === from ? 'old' : now === `${to}/${to}` ? 'new' : 'mixed';
  if (layout === 'mixed') violations.push('the layout is neither the old nor the new one');
  if (violations.length > 0) process.stdout.write(`${scenario.seed}: ${ended?.stderr}\n`);
  return { ...row, layout, left: [] };
}

chaosOfRocketmq('queues', { mode: 'two-masters', nameServers: 2 }, runScenario);
