// Runs changes of an installed site as an operator does, measures their duration, and reads the running versions.

import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import { InstancesDocument, type InstanceStatus } from '../../core/documents/instances.ts';
import type { InstalledSite } from './installed-site.ts';
import { runCli } from './run-cli.ts';

export const wait = ['--wait', '5m'];

/** @returns the duration in seconds */
export async function executed(
  site: Pick<InstalledSite, 'lab'>,
  command: string,
  ...words: readonly string[]
): Promise<number> {
  const begun = Date.now();
  const done = await site.lab.separately(`instances ${command}`, ...words, ...wait);
  const { status, steps = [], holds = [] } = done.document ?? {};
  if (status !== (words.includes('--abort') ? 'rolled-back' : 'done')) {
    const last = steps.filter(({ evidence: own }) => own.length > 0).slice(-3);
    throw new Error(`instances ${command}: ${JSON.stringify({ ...done, document: { status, last, holds } })}`);
  }
  const evidence = steps.flatMap((step) => step.evidence);
  const unstated = evidence.filter((each) => each.includes('does not state that it serves'));
  for (const each of unstated) process.stdout.write(`instances ${command}: ${each}\n`);
  // On a busy machine, one broker of nine once exceeded the 15 s limit for its log line.
  const stated = evidence.filter((each) => each.includes('states that it serves'));
  expect(unstated.length).toBeLessThanOrEqual(Math.floor(stated.length / 5));
  return Math.round((Date.now() - begun) / 1000);
}

export async function instancesOf({ configPath }: Pick<InstalledSite, 'configPath'>): Promise<InstanceStatus[]> {
  const { stdout } = await runCli('instances', 'list', '--json', '--config', configPath);
  return InstancesDocument.parse(JSON.parse(stdout)).instances;
}

/** ZooKeeper has a separate version, even in Kafka's distribution. */
export async function versionsOf(site: Pick<InstalledSite, 'configPath'>): Promise<Set<string>> {
  const all = (await instancesOf(site)).filter(({ role }) => role !== 'zookeeper');
  return new Set(all.map(({ version = 'unknown' }) => version));
}

/** Upgrades like an operator who edits the version in site.yaml, until every instance runs it. */
export async function upgradedTo(site: InstalledSite, product: string, version: string): Promise<number> {
  await site.render({ [product]: `${product}-${version}` });
  const seconds = await executed(site, 'upgrade', '--execute');
  expect([...(await versionsOf(site))]).toEqual([version]);
  return seconds;
}

/** Runs one change after 15 s of load without a change. @returns its seconds */
export async function changedUnderLoad(
  load: { phase(name: string): void; acknowledged(): number },
  change: () => Promise<number>,
): Promise<number> {
  await expect.poll(load.acknowledged, { timeout: 120_000 }).toBeGreaterThan(500);
  load.phase('steady');
  await delay(15_000);
  load.phase('change');
  const seconds = await change();
  load.phase('after');
  await delay(3000);
  return seconds;
}
