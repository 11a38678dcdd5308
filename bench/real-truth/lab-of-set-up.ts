// Starts a set-up in a separate lab with brokers limited to their cores, and removes it when disposed.

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { AppError } from '../../core/errors.ts';
import type { BitsPerSecond } from '../../core/units.ts';
import { scratchLab, startScratchLab } from '../../test/support/scratch-lab.ts';
import type { SetUp } from './set-ups.ts';
import { separateReceiving } from './receiving-cores.ts';
import { squeezeBroker } from './squeezed-broker.ts';
import { widenGenerator } from './card-speed.ts';

export interface SetUpLab extends AsyncDisposable {
  configPath: string;
  /** Host of each broker id. */
  hosts: ReadonlyMap<string, string>;
}

const ConfigBrokers = z.object({
  clusters: z.object({ lab: z.object({ brokers: z.record(z.string(), z.object({ host: z.string() })) }) }),
});
const ConfigHosts = z.looseObject({ hosts: z.record(z.string(), z.looseObject({})) });

/** With full compilation, several brokers would saturate the two cores that they share with the load generator. */
const compiledOnce = ['-XX:TieredStopAtLevel=1'];
/** A closed loop only reaches the limit if responses are fast. */
const jvmOfShared = ({ lanes }: SetUp, isAlone: boolean) => (isAlone || lanes !== undefined ? [] : compiledOnce);
/**
 * Options for a JVM with one core: a JVM that detects two cores spins while it waits for locks and safepoints, on the
 * core it waits for. It compiles once: otherwise compilation takes minutes, and the cost per message changes meanwhile.
 * Its heap is not a limit.
 */
const oneCoreJvm = ['-XX:ActiveProcessorCount=1', ...compiledOnce, '-Xms2g', '-Xmx2g', '-Xmn1g'];
/**
 * RocketMQ 5 compares 39 MB each second, and scans them for each reading, for delayed messages, which these set-ups do
 * not send.
 */
const noTimerWheel = { timerWheelEnable: 'false' };

/** @throws AppError usage for a core limit with several brokers: each would need a dedicated core */
export async function startSetUp(setUp: SetUp, nic: BitsPerSecond): Promise<SetUpLab> {
  const isAlone = setUp.product === 'kafka' ? setUp.brokers === 1 : setUp.mode === 'single';
  if (setUp.brokerCores !== undefined && !isAlone) {
    throw new AppError('usage', 'only a set-up of one broker can be held to a share of a core', {
      hint: 'name one with a single broker',
    });
  }
  const { root, directory, cache, io, remove } = await scratchLab('truth');
  const stack = new AsyncDisposableStack();
  stack.defer(remove);
  try {
    const { version, tls = false } = setUp;
    const properties = {
      ...(setUp.product === 'rocketmq' && version.startsWith('5.') && noTimerWheel),
      ...setUp.properties,
    };
    const site = {
      version,
      nic,
      directory,
      cache,
      properties,
      jvmOptions: setUp.brokerCores === undefined ? jvmOfShared(setUp, isAlone) : oneCoreJvm,
    };
    const lab = await startScratchLab(
      setUp.product === 'kafka'
        ? { product: 'kafka', ...site, brokers: setUp.brokers, ...(tls && { listener: 'tls' }) }
        : { product: 'rocketmq', ...site, mode: setUp.mode, nameServers: 1, tls },
      io,
    );
    if (setUp.product === 'kafka' && setUp.brokers > 1) {
      await widenGenerator({ directory, configPath: lab.configPath }, nic, setUp.brokers);
    }
    const hosts = await hostsOf(lab.configPath);
    const squeezed = new Map<string, string>();
    for (const { id, pid } of setUp.brokerCores === undefined ? [] : lab.brokers) {
      const name = hosts.get(id) ?? '';
      const broker = stack.use(await squeezeBroker(pid, setUp.brokerCores ?? 1, join(root, `proc-${name}`)));
      squeezed.set(name, broker.procfs);
      await separateReceiving(directory, name);
    }
    if (squeezed.size > 0) await readHostsFrom(lab.configPath, squeezed, { processes: {} });
    const stop = stack.move();
    return { configPath: lab.configPath, hosts, [Symbol.asyncDispose]: () => stop.disposeAsync() };
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}

/** @returns the host of each broker id */
export async function hostsOf(configPath: string): Promise<Map<string, string>> {
  const { clusters } = ConfigBrokers.parse(parse(await readFile(configPath, 'utf8')));
  return new Map(Object.entries(clusters.lab.brokers).map(([id, { host }]) => [id, host]));
}

/**
 * Reads these hosts from folders other than /proc.
 * @param rest further config of each host, for example to watch no processes
 */
export async function readHostsFrom(
  configPath: string,
  folders: ReadonlyMap<string, string>,
  rest: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  const config = ConfigHosts.parse(parse(await readFile(configPath, 'utf8')));
  for (const [name, procfs] of folders) config.hosts[name] = { ...config.hosts[name], procfs, ...rest };
  await writeFile(configPath, stringify(config));
}
