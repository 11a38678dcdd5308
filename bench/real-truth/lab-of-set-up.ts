// Where does a set-up run? A lab of its own in a folder of its own, its brokers held to their cores, gone when disposed.

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import type { BitsPerSecond } from '../../core/units.ts';
import { scratchLab, startScratchLab } from '../../test/support/scratch-lab.ts';
import type { SetUp } from './set-ups.ts';
import { squeezeBroker } from './squeezed-broker.ts';

export interface SetUpLab extends AsyncDisposable {
  configPath: string;
  /** Host of each broker id. */
  hosts: ReadonlyMap<string, string>;
}

const ConfigBrokers = z.object({
  clusters: z.object({ lab: z.object({ brokers: z.record(z.string(), z.object({ host: z.string() })) }) }),
});
const ConfigHosts = z.looseObject({ hosts: z.record(z.string(), z.looseObject({})) });

/** A part of a core compiles for minutes what is called often, and by then has changed what a message costs: here it compiles once. */
const quicklyCompiled = '-XX:TieredStopAtLevel=1';

export async function startSetUp(setUp: SetUp, nic: BitsPerSecond): Promise<SetUpLab> {
  const { root, directory, cache, io, remove } = await scratchLab('truth');
  const stack = new AsyncDisposableStack();
  stack.defer(remove);
  try {
    if (setUp.brokerCores !== undefined) process.env['JAVA_TOOL_OPTIONS'] = quicklyCompiled;
    const site = { version: setUp.version, nic, directory, cache };
    const lab = await startScratchLab(
      setUp.product === 'kafka'
        ? { product: 'kafka', ...site, brokers: setUp.brokers }
        : { product: 'rocketmq', ...site, mode: setUp.mode, nameServers: 1 },
      io,
    );
    const hosts = await hostsOf(lab.configPath);
    const squeezed = new Map<string, string>();
    for (const { id, pid } of setUp.brokerCores === undefined ? [] : lab.brokers) {
      const name = hosts.get(id) ?? '';
      const broker = stack.use(await squeezeBroker(pid, setUp.brokerCores ?? 1, join(root, `proc-${name}`)));
      squeezed.set(name, broker.procfs);
    }
    if (squeezed.size > 0) await showSqueezed(lab.configPath, squeezed);
    const stop = stack.move();
    return { configPath: lab.configPath, hosts, [Symbol.asyncDispose]: () => stop.disposeAsync() };
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}

/** @returns host of each broker id */
export async function hostsOf(configPath: string): Promise<Map<string, string>> {
  const { clusters } = ConfigBrokers.parse(parse(await readFile(configPath, 'utf8')));
  return new Map(Object.entries(clusters.lab.brokers).map(([id, { host }]) => [id, host]));
}

/** Reads these hosts from other folders than /proc, and watches no process in them. */
async function showSqueezed(configPath: string, folders: ReadonlyMap<string, string>): Promise<void> {
  const config = ConfigHosts.parse(parse(await readFile(configPath, 'utf8')));
  for (const [name, procfs] of folders) config.hosts[name] = { ...config.hosts[name], procfs, processes: {} };
  await writeFile(configPath, stringify(config));
}
