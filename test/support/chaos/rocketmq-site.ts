// Sets up a RocketMQ cluster for chaos runs: name servers behind proxies, and members that an operator stops and starts.

import { readFileSync } from 'node:fs';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { parse } from 'yaml';
import { changedCluster, type ChangedCluster } from '../changed-cluster.ts';
import { startFaultProxy, type FaultProxy } from '../fault-proxy.ts';
import { liveNameOf } from '../live-name.ts';
import { requires } from '../prerequisites.ts';
import { undertakerOf, type Undertaker } from '../revive.ts';
import { startChangeLoad } from '../rocketmq-change-load.ts';
import { startRocketmq, type RunningRocketmq } from '../rocketmq.ts';
import { pidOf } from '../watched-rocketmq.ts';
import { chosenScenarios } from './chosen-seeds.ts';
import { inChaosFolder, runScenarios, type ChaosFolder } from './chaos-suite.ts';
import type { ChaosChange, MetFault } from './meet-fault.ts';
import type { ChaosRow } from './record.ts';
import type { Scenario } from './scenario.ts';

export const topic = 'orders';

export interface Site extends ChaosFolder {
  lab: RunningRocketmq;
  cluster: ChangedCluster;
  proxies: readonly FaultProxy[];
  /** Path of a config with the name servers behind the proxies. */
  configPath: string;
  pids: Map<string, number>;
  /** Members that an operator has stopped. */
  stopped: Map<string, Undertaker>;
}

export async function stop(name: string, { pids, stopped }: Site): Promise<void> {
  if (stopped.has(name)) return;
  const process = undertakerOf(pids.get(name) ?? Number.NaN);
  await process.end('SIGTERM');
  stopped.set(name, process);
}

export async function start(name: string, { pids, stopped }: Site): Promise<void> {
  const process = stopped.get(name);
  stopped.delete(name);
  if (process !== undefined) pids.set(name, process.revive());
}

/** Returns the routes of the name servers; empty while one of them does not respond. */
export async function permissionsNow({ lab, cluster }: Site): Promise<string> {
  const all = await Promise.all(lab.namesrv.map((server) => cluster.permissions(topic, server))).catch(() => []);
  const texts = new Set(
    all.map((one) =>
      Object.entries(one)
        .map(([broker, permission]) => `${broker},${permission}`)
        .toSorted((a, b) => a.localeCompare(b))
        .join(' '),
    ),
  );
  return [...texts].join(' or ');
}

/** A restarted name server learns topics with the next registration of each broker, every 30 s by default. */
export async function awaitPermissions(site: Site, wanted: RegExp): Promise<void> {
  await expect.poll(() => permissionsNow(site), { timeout: 90_000, interval: 1000 }).toMatch(wanted);
}

/** Reopens a broker for writes, and waits for the figures that a change reads: after its start a broker lacks them for seconds. */
async function open(address: string, { cluster: { desk } }: Site): Promise<void> {
  const isOpen = async () => {
    const within = () => ({ signal: AbortSignal.timeout(5000) });
    try {
      await desk.set(address, { brokerPermission: '6' }, within());
      await desk.runtime(address, within());
      return true;
    } catch {
      return false;
    }
  };
  await expect.poll(isOpen, { timeout: 90_000, interval: 1000 }).toBe(true);
}

export async function permissionOf(address: string, { cluster }: Site): Promise<string | undefined> {
  const settings = await cluster.desk.settings(address, { signal: AbortSignal.timeout(5000) }).catch(() => undefined);
  return settings?.get('brokerPermission');
}

/** Keeps notes of leases, because a name server that was down may still store the lease. */
async function forgetJournals({ stateFolder }: Site): Promise<void> {
  const names = (await readdir(stateFolder)).filter((name) => name !== 'leases');
  for (const name of names) await rm(join(stateFolder, name), { recursive: true, force: true });
}

/**
 * Ensures that every member runs and accepts messages, and that the previous seed left nothing behind. A broker that registers while its
 * permission changes can leave the old permission on the name servers (ops/rocketmq/close-writes.ts), so the request is repeated.
 *
 * @param names `broker-2`
 */
export async function readyMembers(site: Site, names: readonly string[], routed: RegExp): Promise<void> {
  for (const name of names) await start(name, site);
  const openAll = async () => {
    for (const name of names) await open(addressOf(name, site), site);
    return await permissionsNow(site);
  };
  await expect.poll(openAll, { timeout: 180_000, interval: 3000 }).toMatch(routed);
  await forgetJournals(site);
}

export const addressOf = (name: string, { lab }: Site): string =>
  lab.brokers[Number(name.replace('broker-', '')) - 1]?.address ?? '';

export interface SettledAs {
  layout: ChaosRow['layout'];
  /** Observed layout after the change. */
  now: string;
  left: string[];
}

/** Adds remains that a change of members must not leave to the violations of its row. */
export function settledRow({ seed }: Scenario, { row, ended }: MetFault, { layout, now, left }: SettledAs): ChaosRow {
  const { violations } = row;
  if (layout === 'mixed') violations.push(`neither the old nor the new layout: ${now}`);
  if (left.length > 0) violations.push('a permission is left');
  if (violations.length > 0) process.stdout.write(`${seed}: ${ended?.stderr}\n`);
  return { ...row, layout, left };
}

/** Properties that all kinds of change share. */
export function chaosOf(site: Site, words: readonly string[], { broker }: { broker: string }) {
  const { lab, stateFolder, clockFile, pids } = site;
  const given = [...words, '--cluster', 'lab', '--config', site.configPath, '--json'];
  const confirm = ['--confirm', liveNameOf(lab)];
  return {
    words: (state: string, ...more: string[]) => [...given, '--state-dir', state, ...more],
    confirm,
    config: lab.config,
    stateFolder,
    clockFile,
    cluster: {
      pids: {
        broker: async () => pids.get(broker) ?? Number.NaN,
        controller: async () => pids.get('nameserver-2') ?? pids.get('nameserver-1') ?? Number.NaN,
      },
      proxies: site.proxies,
      revived(was: number, now: number) {
        for (const [name, known] of pids) if (known === was) pids.set(name, now);
      },
    },
  } satisfies Partial<ChaosChange>;
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
  const names = [
    ...lab.brokers.map((_, index) => `broker-${index + 1}`),
    ...lab.namesrv.map((_, index) => `nameserver-${index + 1}`),
  ];
  const pids = new Map(names.map((name) => [name, pidOf(lab, name)]));
  return { ...place, lab, cluster, proxies, configPath, pids, stopped: new Map() };
}

/** Starts one cluster and one load for the seeds of a kind of change. */
export function chaosOfRocketmq(
  change: string,
  mode: Pick<Parameters<typeof startRocketmq>[0] & object, 'mode' | 'nameServers'>,
  run: (scenario: Scenario, site: Site) => Promise<ChaosRow>,
): void {
  const scenarios = chosenScenarios('rocketmq').filter((scenario) => scenario.change === change);
  if (scenarios.length === 0) return;
  requires('java', 'maven', 'root', 'faketime').test(
    `RocketMQ, ${change}: ${scenarios.map(({ seed }) => seed).join(', ')}`,
    async () => {
      await inChaosFolder(async (place) => {
        await using lab = await startRocketmq(mode);
        await using cluster = changedCluster(lab);
        await cluster.define(topic, [`${topic}-readers`]);
        const site = await siteOf(lab, cluster, place);
        await using load = await startChangeLoad(lab, { topic });
        await expect.poll(load.acknowledged, { timeout: 120_000 }).toBeGreaterThan(500);
        const { lost } = await runScenarios(
          scenarios,
          (scenario) => run(scenario, site),
          async () => {
            const { account } = await load.end();
            return { acknowledged: load.acknowledged(), groups: account.groups };
          },
        );
        for (const proxy of site.proxies) await proxy[Symbol.asyncDispose]();
        // RocketMQ clients retry after a refusal, so a message may arrive twice.
        expect(lost).toBe(0);
      });
    },
    (120 + 300 * scenarios.length) * 1000,
  );
}
