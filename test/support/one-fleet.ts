// Runs one broker with a slow network interface, and a Prometheus for each kind of exporter.

import { mkdir } from 'node:fs/promises';
import { once } from 'node:events';
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import type { BitsPerSecond } from '../../core/units.ts';
import { readLabState } from '../../lab/lab-state.ts';
import { namespaceProcfs } from './namespace-procfs.ts';
import { openDoor } from './namespace-door.ts';
import { startNodeExporter } from './node-exporter.ts';
import { main } from './plimsoll.ts';
import { startPrometheus, type RunningPrometheus } from './prometheus.ts';
import { scratchLab, startScratchLab } from './scratch-lab.ts';

export interface OneFleet extends AsyncDisposable {
  root: string;
  configPath: string;
  bootstrap: string;
  /** Network namespace of the load generator. */
  generator: string;
  /** Prometheus that scrapes Plimsoll's exporter: brokers, groups and machines. */
  ours: RunningPrometheus;
  /** Prometheus that scrapes only a node_exporter with the network interface of the broker. */
  machines: RunningPrometheus;
}

export async function openOneFleet(version: string, nic: BitsPerSecond): Promise<OneFleet> {
  const { root, directory, cache, io, remove } = await scratchLab('fleet');
  await using opened = new AsyncDisposableStack();
  opened.defer(remove);
  const request = { product: 'kafka' as const, version, nic, directory, cache, brokers: 1 as const };
  const { configPath, brokers } = await startScratchLab(request, io);
  const state = readLabState(directory);
  const generator = state?.namespaces.find((name) => name.endsWith('-generator')) ?? '';
  const holder = state?.processes.find(({ name, role }) => role === 'namespace-holder' && name === 'broker-1');
  if (holder === undefined || generator === '') throw new Error('the lab has no namespaces');

  const machine = opened.use(await exporterOfMachine(holder.pid, root));
  const machines = opened.use(await startPrometheus({ job: 'node', scrapes: [new URL(machine.url).host] }));
  const ours = opened.use(await prometheusOfOurs(configPath, generator, root));
  const resources = opened.move();
  return {
    root,
    configPath,
    bootstrap: brokers[0]?.address ?? '',
    generator,
    ours,
    machines,
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

async function exporterOfMachine(pid: number, root: string) {
  const procfs = await namespaceProcfs(pid, join(root, 'proc-broker-1'));
  return startNodeExporter({
    collectors: ['cpu', 'meminfo', 'netdev'],
    // Netlink would read the exporter's own namespace.
    flags: [`--path.procfs=${procfs}`, '--no-collector.netdev.netlink'],
  });
}

/** Runs Plimsoll's exporter where it reaches the broker; Prometheus scrapes it through a forwarded port. */
async function prometheusOfOurs(configPath: string, generator: string, root: string) {
  await using opened = new AsyncDisposableStack();
  const folder = join(root, 'exporter');
  await mkdir(folder);
  const words = ['exporter', '--config', configPath, '--listen', '127.0.0.1:0', '--state-dir', join(folder, 'state')];
  const inside = ['netns', 'exec', generator, process.execPath, main, ...words];
  const exporter = spawn('ip', inside, { stdio: ['ignore', 'pipe', 'ignore'] });
  const ended = once(exporter, 'exit');
  opened.defer(async () => {
    exporter.kill('SIGTERM');
    await ended;
  });
  let said = '';
  while (!/listening on \S+/.test(said)) said += String((await once(exporter.stdout, 'data'))[0]);
  const port = Number(new URL(/listening on (\S+)/.exec(said)?.[1] ?? '').port);
  const door = opened.use(await openDoor(generator, port, root));
  const prometheus = opened.use(await startPrometheus({ job: 'plimsoll', scrapes: [door.address] }));
  const resources = opened.move();
  return { ...prometheus, [Symbol.asyncDispose]: () => resources.disposeAsync() };
}
