// Checks that changes of a real RocketMQ under load end well whatever fails at whatever moment (docs/chaos.md).

import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { parse } from 'yaml';
import { changedCluster, type ChangedCluster } from '../../support/changed-cluster.ts';
import { chosenScenarios } from '../../support/chaos/chosen-seeds.ts';
import { inChaosFolder, runScenarios, type ChaosFolder } from '../../support/chaos/chaos-suite.ts';
import { meetFault } from '../../support/chaos/meet-fault.ts';
import type { ChaosRow } from '../../support/chaos/record.ts';
import type { Scenario } from '../../support/chaos/scenario.ts';
import { startFaultProxy, type FaultProxy } from '../../support/fault-proxy.ts';
import { liveNameOf } from '../../support/live-name.ts';
import { requires } from '../../support/prerequisites.ts';
import { startChangeLoad } from '../../support/rocketmq-change-load.ts';
import { startRocketmq, type RunningRocketmq } from '../../support/rocketmq.ts';
import { pidOf } from '../../support/watched-rocketmq.ts';

const topic = 'orders';
const longest = { change: 100, recovery: 150 };
const quickly = ['--settle', '4s', '--quiet', '2s', '--give-up-replay', '--wait', '60s'];

interface Site extends ChaosFolder {
  lab: RunningRocketmq;
  cluster: ChangedCluster;
  proxies: readonly FaultProxy[];
  /** Its name servers are behind the proxies. */
  configPath: string;
  pids: Map<string, number>;
}

const command = (configPath: string) =>
  ['ops rocketmq queues --cluster lab --json --topic'.split(' '), topic, '--config', configPath].flat();

const queuesNow = async ({ lab, cluster }: Site) => {
  const all = await Promise.all(lab.namesrv.map((server) => cluster.queues(topic, server)));
  return [...new Set(all.flatMap((one) => Object.values(one)))];
};

async function runScenario(scenario: Scenario, site: Site): Promise<ChaosRow> {
  const { lab, stateFolder, clockFile, pids } = site;
  await expect.poll(() => queuesNow(site), { timeout: 90_000, interval: 1000 }).toHaveLength(1);
  const [from = ''] = await queuesNow(site);
  const to = from === '4/4' ? 2 : 4;
  const pid = async (name: string) => pids.get(name) ?? Number.NaN;
  const { row, ended } = await meetFault(scenario, {
    words: (state, ...more) => [...command(site.configPath), '--state-dir', state, ...more],
    execute: ['--to', String(to), ...quickly, '--execute', '--confirm', liveNameOf(lab)],
    confirm: ['--confirm', liveNameOf(lab)],
    // Fewer queues have other steps than more.
    ...(to !== 4 && { step: { sign: 'set-writes', within: 3 } }),
    config: lab.config,
    stateFolder,
    clockFile,
    cluster: {
      pids: { broker: () => pid('broker-2'), controller: () => pid('nameserver-2') },
      proxies: site.proxies,
      revived(was, now) {
        for (const [name, known] of pids) if (known === was) pids.set(name, now);
      },
    },
    settled: async () => undefined,
    longest,
  });
  const { violations } = row;
  // A name server that came back hears of topics with the next registration of each broker, 30 s as shipped.
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

async function siteOf(lab: RunningRocketmq, cluster: ChangedCluster, place: ChaosFolder): Promise<Site> {
  const proxies = await Promise.all(
    lab.namesrv.map(async (server) => {
      const proxy = await startFaultProxy();
      proxy.leadTo(server);
      return proxy;
    }),
  );
  const whole = parse(readFileSync(lab.configPath, 'utf8')) as { clusters: { lab: object } };
  const configPath = join(place.folder, 'proxied.yaml');
  const behind = { ...whole.clusters.lab, namesrv: proxies.map(({ address }) => address) };
  await writeFile(configPath, JSON.stringify({ ...whole, clusters: { lab: behind } }));
  const names = ['broker-1', 'broker-2', 'nameserver-1', 'nameserver-2'];
  const pids = new Map(names.map((name) => [name, pidOf(lab, name)]));
  return { ...place, lab, cluster, proxies, configPath, pids };
}

const scenarios = chosenScenarios('rocketmq').filter(({ change }) => change === 'queues');

if (scenarios.length > 0) {
  requires('java', 'maven', 'root', 'faketime').test(
    `RocketMQ: ${scenarios.map(({ seed }) => seed).join(', ')}`,
    async () => {
      await inChaosFolder(async (place) => {
        await using lab = await startRocketmq({ mode: 'two-masters', nameServers: 2 });
        await using cluster = changedCluster(lab);
        await cluster.define(topic, [`${topic}-readers`]);
        const site = await siteOf(lab, cluster, place);
        await using load = await startChangeLoad(lab, { topic });
        await expect.poll(load.acknowledged, { timeout: 120_000 }).toBeGreaterThan(500);
        const { lost } = await runScenarios(
          scenarios,
          (scenario) => runScenario(scenario, site),
          async () => {
            const { account } = await load.end();
            return { acknowledged: load.acknowledged(), groups: account.groups };
          },
        );
        for (const proxy of site.proxies) await proxy[Symbol.asyncDispose]();
        // Clients of RocketMQ send again after a refusal, so a message may come twice.
        expect(lost).toBe(0);
      });
    },
    (120 + 300 * scenarios.length) * 1000,
  );
}
