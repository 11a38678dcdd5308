// Starts the lab of a set-up: brokers, network interfaces, quotas and the placed topic; removes all when disposed.

import { mkdtempDisposable, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { z } from 'zod';
import { AppError } from '../../../core/errors.ts';
import { BitRate } from '../../../core/text/quantity.ts';
import type { BitsPerSecond } from '../../../core/units.ts';
import { runTool } from '../../../lab/run-tool.ts';
import { stopLab } from '../../../lab/stop-lab.ts';
import { scratchLab, startScratchLab } from '../../../test/support/scratch-lab.ts';
import { setCardSpeed, stateCardSpeed, widenGenerator } from '../card-speed.ts';
import { hostsOf, readHostsFrom } from '../lab-of-set-up.ts';
import { separateReceiving } from '../receiving-cores.ts';
import { squeezeBroker } from '../squeezed-broker.ts';
import type { LimitSetUp } from './limit-set-up.ts';
import { countOwnShare } from './own-share.ts';
import type { Preparation } from './prepare-kafka.ts';
import { makeSlowDisk, type DiskSpeed } from './slow-disk.ts';

export interface LimitLab extends AsyncDisposable {
  configPath: string;
  /** Host of each broker id. */
  hosts: ReadonlyMap<string, string>;
  /** Real speed of each broker's network interface, by host. */
  cards: ReadonlyMap<string, BitsPerSecond>;
  /** Topic created for the set-up; absent if each run creates a topic. */
  topic?: string;
  /** Ends the broker like a power failure. @returns its id */
  lose(broker: string): Promise<string>;
}

/** Prefix of every load test topic in the lab. */
const placedTopic = 'plimsoll-placed';
const prepareProgram = fileURLToPath(new URL('./prepare-kafka.ts', import.meta.url));
/**
 * Kafka fences a broker after 9 s of silence (broker.session.timeout.ms); RocketMQ routes drop a broker when its
 * connection ends.
 */
const lossSeenMs = 15_000;

export async function startLimitLab(setUp: LimitSetUp): Promise<LimitLab> {
  const nic = BitRate.parse(setUp.nic);
  const stack = new AsyncDisposableStack();
  try {
    const disk = setUp.disk && (await slowDisk(setUp.disk, stack));
    const { root, directory, cache, io, remove } = await scratchLab('limit', disk?.path);
    stack.defer(remove);
    const own = setUp.hasOwnCore ? undefined : stack.use(await countOwnShare(join(root, 'proc')));
    stack.defer(async () => void (await stopLab(directory, io)));
    const lab = await startScratchLab({ ...setUp.lab, nic, directory, cache }, io);
    const at = { directory, configPath: lab.configPath };
    const hosts = await hostsOf(lab.configPath);
    if (hosts.size > 1) await widenGenerator(at, nic, hosts.size);
    const cards = new Map([...hosts.values()].map((host) => [host, nic]));
    for (const [name, text] of Object.entries(setUp.cards ?? {})) {
      const host = name === 'follower' ? (hosts.get(followerOf(hosts)) ?? name) : name;
      const speed = BitRate.parse(text);
      await setCardSpeed(at, host, speed);
      cards.set(host, speed);
    }
    if (setUp.statedNic !== undefined) await stateCardSpeed(at, BitRate.parse(setUp.statedNic));
    const folders = new Map(own && [['generator', await own.hostFolder('generator', [])]]);
    for (const { id, pid } of lab.brokers) {
      const host = hosts.get(id) ?? '';
      if (own === undefined) {
        folders.set(host, stack.use(await squeezeBroker(pid, 1, join(root, `proc-${host}`))).procfs);
        await separateReceiving(directory, host);
      } else folders.set(host, await own.hostFolder(host, [pid], disk?.device));
      await disk?.hold(pid);
    }
    await readHostsFrom(lab.configPath, folders);
    await prepareKafka(setUp, lab, io.signal);
    const stop = stack.move();
    return {
      configPath: lab.configPath,
      hosts,
      cards,
      ...(setUp.placement && { topic: placedTopic }),
      async lose(broker) {
        const id = broker === 'follower' ? followerOf(hosts) : broker;
        const lost = lab.brokers.find((each) => each.id === id);
        if (lost === undefined) throw new AppError('unexpected', `the lab has no broker ${id}`);
        process.kill(lost.pid, 'SIGKILL');
        await setTimeout(lossSeenMs);
        return id;
      },
      [Symbol.asyncDispose]: () => stop.disposeAsync(),
    };
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}

async function slowDisk(speed: DiskSpeed, stack: AsyncDisposableStack) {
  const { path: folder } = stack.use(await mkdtempDisposable(join(tmpdir(), 'plimsoll-bench-disk-')));
  return stack.use(await makeSlowDisk(folder, speed));
}

/** @returns the last broker id that does not belong to a master */
function followerOf(hosts: ReadonlyMap<string, string>): string {
  const follower = [...hosts.keys()].findLast((id) => !id.endsWith(':0'));
  if (follower === undefined) throw new AppError('unexpected', 'the lab has no follower');
  return follower;
}

const Namespaced = z.looseObject({ loadgen: z.looseObject({ networkNamespace: z.string() }) });

async function prepareKafka(
  { quotas = {}, placement }: LimitSetUp,
  { configPath, brokers }: { configPath: string; brokers: readonly { address: string }[] },
  signal: AbortSignal,
): Promise<void> {
  if (Object.keys(quotas).length === 0 && placement === undefined) return;
  const { producer, consumer } = quotas;
  const preparation: Preparation = {
    bootstrap: brokers.map(({ address }) => address),
    quotas: {
      ...(producer !== undefined && { producer_byte_rate: producer }),
      ...(consumer !== undefined && { consumer_byte_rate: consumer }),
    },
    ...(placement && { topic: { name: placedTopic, placement: placement.map((replicas) => [...replicas]) } }),
  };
  const { loadgen } = Namespaced.parse(parse(await readFile(configPath, 'utf8')));
  const words = ['netns', 'exec', loadgen.networkNamespace, process.execPath, prepareProgram];
  const answer = await runTool('ip', [...words, JSON.stringify(preparation)], { signal });
  if (answer?.exitCode !== 0) throw new AppError('lab-failed', `cannot prepare the cluster: ${answer?.stderr ?? ''}`);
}
