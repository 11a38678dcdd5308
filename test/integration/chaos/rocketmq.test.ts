// Checks that changes of a real RocketMQ under load end well whatever fails at whatever moment (docs/chaos.md).

import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { parse } from 'yaml';
import { readCommit } from '../../../tools/evidence-page.ts';
import { changedCluster, type ChangedCluster } from '../../support/changed-cluster.ts';
import { chosenScenarios } from '../../support/chaos/chosen-seeds.ts';
import { inflict, type ChaosTarget } from '../../support/chaos/fault.ts';
import { keepChaosLine, type ChaosRow } from '../../support/chaos/record.ts';
import type { Scenario } from '../../support/chaos/scenario.ts';
import { bothAtOnce, secondOf, watchedChange, withClockFile, within } from '../../support/chaos/watched-change.ts';
import { startFaultProxy, type FaultProxy } from '../../support/fault-proxy.ts';
import { forgetLease } from '../../support/forget-lease.ts';
import { liveNameOf } from '../../support/live-name.ts';
import { requires } from '../../support/prerequisites.ts';
import { startChangeLoad } from '../../support/rocketmq-change-load.ts';
import { startRocketmq, type RunningRocketmq } from '../../support/rocketmq.ts';
import { pidOf } from '../../support/watched-rocketmq.ts';

const topic = 'orders';
const longest = { change: 100, recovery: 150 };
const quickly = ['--settle', '4s', '--quiet', '2s', '--give-up-replay', '--wait', '60s'];

interface Site {
  lab: RunningRocketmq;
  cluster: ChangedCluster;
  proxies: readonly FaultProxy[];
  /** Its name servers are behind the proxies. */
  configPath: string;
  folder: string;
  pids: Map<string, number>;
}

const queuesNow = async ({ lab, cluster }: Site) => {
  const all = await Promise.all(lab.namesrv.map((server) => cluster.queues(topic, server)));
  return [...new Set(all.flatMap((one) => Object.values(one)))];
};

async function runScenario(scenario: Scenario, site: Site): Promise<ChaosRow> {
  const { seed, product, change, fault, step, recovery } = scenario;
  const { lab, folder, pids } = site;
  const stateFolder = join(folder, 'journal');
  await expect.poll(() => queuesNow(site), { timeout: 90_000, interval: 1000 }).toHaveLength(1);
  const [from = ''] = await queuesNow(site);
  const to = from === '4/4' ? 2 : 4;
  const words = (state: string, ...more: string[]) => [
    'ops',
    'rocketmq',
    'queues',
    '--config',
    site.configPath,
    '--cluster',
    'lab',
    '--state-dir',
    state,
    '--json',
    '--topic',
    topic,
    ...more,
  ];
  const execute = ['--to', String(to), ...quickly, '--execute', '--confirm', liveNameOf(lab)];
  const clockFile = join(folder, 'clock');
  await writeFile(clockFile, '+0\n');
  const going = watchedChange(words(stateFolder, ...execute), withClockFile(clockFile));
  const isInside = await going.at(to === 4 ? step : { sign: 'close-writes', within: 3 }, scenario.delay);
  const pid = async (name: string) => pids.get(name) ?? Number.NaN;
  const target: ChaosTarget = {
    plimsoll: going.child,
    pids: { broker: () => pid('broker-2'), controller: () => pid('nameserver-2') },
    proxies: site.proxies,
    stateFolder,
    clockFile,
    secondOperator: () => secondOf(words(`${stateFolder}-2`, ...execute), going, longest.change),
    revived(was, now) {
      for (const [name, known] of pids) if (known === was) pids.set(name, now);
    },
  };
  const { heal, note } = await inflict(fault, target);
  const healing = delay(1000 * scenario.duration).then(heal);
  const ended = await within(going, longest.change);
  await healing;
  const violations: string[] = [];
  const last = (text = '') => text.trim().split('\n').at(-1);
  if (ended === undefined) violations.push(`the change did not end within ${longest.change} s`);
  if (!isInside && ended?.exitCode !== 0) violations.push(`the change did not begin: ${last(ended?.stderr)}`);
  const names = await readdir(stateFolder, { recursive: true });
  let recovered: Pick<ChaosRow, 'recovery' | 'recoveryExitCode' | 'recoverySeconds'> = { recovery: 'none' };
  if (ended?.exitCode !== 0 && names.some((name) => name.endsWith('.json'))) {
    if (ended?.exitCode === undefined) await forgetLease(lab.config);
    const begun = performance.now();
    const confirm = recovery === 'abort' ? ['--confirm', liveNameOf(lab)] : [];
    const again = await within(watchedChange(words(stateFolder, `--${recovery}`, ...confirm)), longest.recovery);
    if (again?.exitCode !== 0) violations.push(`--${recovery} ended with ${again?.exitCode}: ${last(again?.stderr)}`);
    recovered = {
      recovery,
      ...(again?.exitCode !== undefined && { recoveryExitCode: again.exitCode }),
      recoverySeconds: Math.round((performance.now() - begun) / 1000),
    };
  }
  // A name server that came back hears of topics with the next registration of each broker, 30 s as shipped.
  const hasEnded = async () => (await queuesNow(site).catch(() => [])).join();
  await expect
    .poll(hasEnded, { timeout: 60_000, interval: 1000 })
    .toMatch(/^\d\/\d$/)
    .catch((cause: unknown) => violations.push(`queues differ: ${(cause as Error).message.split('\n')[0]}`));
  const now = await hasEnded();
  const layout = now === from ? 'old' : now === `${to}/${to}` ? 'new' : 'mixed';
  if (layout === 'mixed') violations.push('the layout is neither the old nor the new one');
  if (note !== undefined && bothAtOnce.test(note)) violations.push(note);
  if (violations.length > 0) process.stdout.write(`${seed}: ${ended?.stderr}\n`);
  return {
    kind: 'run',
    at: new Date().toISOString(),
    commit: await readCommit(),
    seed,
    product,
    change,
    fault,
    step: to === 4 ? step.sign : 'close-writes',
    delay: scenario.delay,
    isInside,
    ...(note !== undefined && { note }),
    ...(ended?.exitCode !== undefined && { exitCode: ended.exitCode }),
    ...recovered,
    layout,
    left: [],
    violations,
  };
}

async function siteOf(lab: RunningRocketmq, cluster: ChangedCluster, folder: string): Promise<Site> {
  const proxies = await Promise.all(
    lab.namesrv.map(async (server) => {
      const proxy = await startFaultProxy();
      proxy.leadTo(server);
      return proxy;
    }),
  );
  const whole = parse(readFileSync(lab.configPath, 'utf8')) as { clusters: { lab: object } };
  const configPath = join(folder, 'proxied.yaml');
  const behind = { ...whole.clusters.lab, namesrv: proxies.map(({ address }) => address) };
  await writeFile(configPath, JSON.stringify({ ...whole, clusters: { lab: behind } }));
  const names = ['broker-1', 'broker-2', 'nameserver-1', 'nameserver-2'];
  const pids = new Map(names.map((name) => [name, pidOf(lab, name)]));
  return { lab, cluster, proxies, configPath, folder, pids };
}

const scenarios = chosenScenarios('rocketmq').filter(({ change }) => change === 'queues');

if (scenarios.length > 0) {
  requires('java', 'maven', 'root', 'faketime').test(
    `RocketMQ: ${scenarios.map(({ seed }) => seed).join(', ')}`,
    async () => {
      const folder = await mkdtemp(join(tmpdir(), 'plimsoll-chaos-'));
      const journal = join(folder, 'journal');
      await mkdir(journal);
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=512k', 'plimsoll-test', journal]);
      try {
        await using lab = await startRocketmq({ mode: 'two-masters', nameServers: 2 });
        await using cluster = changedCluster(lab);
        await cluster.define(topic, [`${topic}-readers`]);
        const site = await siteOf(lab, cluster, folder);
        await using load = await startChangeLoad(lab, { topic });
        await expect.poll(load.acknowledged, { timeout: 120_000 }).toBeGreaterThan(500);
        const rows: ChaosRow[] = [];
        for (const scenario of scenarios) {
          const row = await runScenario(scenario, site);
          rows.push(row);
          process.stdout.write(`${JSON.stringify(row)}\n`);
          await keepChaosLine(row);
        }
        const { account } = await load.end();
        const [group] = account.groups;
        const delivery = {
          lost: group?.lost ?? -1,
          duplicated: group?.duplicated ?? -1,
          reordered: group?.reordered ?? -1,
        };
        await keepChaosLine({
          kind: 'delivery',
          at: new Date().toISOString(),
          commit: await readCommit(),
          seeds: scenarios.map(({ seed }) => seed),
          acknowledged: load.acknowledged(),
          ...delivery,
        });
        for (const proxy of site.proxies) await proxy[Symbol.asyncDispose]();
        expect(rows.flatMap(({ seed, violations }) => violations.map((text) => `${seed}: ${text}`))).toEqual([]);
        // Clients of RocketMQ send again after a refusal, so a message may come twice.
        expect(delivery.lost).toBe(0);
      } finally {
        execFileSync('umount', ['-l', journal]);
        await rm(folder, { recursive: true, force: true });
      }
    },
    (120 + 300 * scenarios.length) * 1000,
  );
}
