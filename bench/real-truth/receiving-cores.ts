// Makes each host of a lab receive packets on its own cores, as on separate machines.

import { cpus } from 'node:os';
import { AppError } from '../../core/errors.ts';
import { readLabState } from '../../lab/lab-state.ts';
import { cardName } from '../../lab/shaped-network.ts';
import { runTool } from '../../lab/run-tool.ts';

/**
 * Between namespaces, the kernel receives a packet on the core that sends it. Below the limit of a broker, that is the
 * core of the senders. At the limit, the broker's acknowledgements clock the senders, so the broker's core receives the
 * packets: work that no lower step shows. Receive packet steering separates the two (kernel documentation,
 * networking/scaling).
 *
 * @param broker host that receives on the last core; the others, and the hub, receive on the other cores
 * @throws AppError lab-failed without namespaces, or if the kernel does not support steering
 */
export async function separateReceiving(directory: string, broker: string): Promise<void> {
  const namespaces = readLabState(directory)?.namespaces ?? [];
  const hub = namespaces.find((name) => name.endsWith('-hub'));
  if (hub === undefined) throw new AppError('lab-failed', `the lab in ${directory} has no network namespaces`);
  const last = cpus().length - 1;
  const mask = (ofBroker: boolean) => (ofBroker || last === 0 ? 1n << BigInt(last) : (1n << BigInt(last)) - 1n);
  for (const namespace of namespaces.filter((name) => name !== hub)) {
    const host = namespace.slice(hub.length - 'hub'.length);
    await receiveOn(mask(host === broker), cardName, namespace);
    await receiveOn(mask(false), host, hub);
  }
}

async function receiveOn(cores: bigint, device: string, namespace: string): Promise<void> {
  const file = `/sys/class/net/${device}/queues/rx-0/rps_cpus`;
  const answer = await runTool('ip', ['netns', 'exec', namespace, 'tee', file], {
    signal: new AbortController().signal,
    input: groupsOf32(cores),
  });
  if (answer?.exitCode === 0) return;
  const reason = answer?.stderr.trim() ?? 'there is no `ip` program';
  throw new AppError('lab-failed', `cannot write ${file} in ${namespace}: ${reason}`, {
    hint: 'the kernel needs CONFIG_RPS, and the bench needs root',
  });
}

/** Formats a CPU mask for the kernel: hexadecimal, in groups of 32 cores, highest first. */
function groupsOf32(cores: bigint): string {
  const groups: string[] = [];
  for (let rest = cores; rest > 0n; rest >>= 32n)
    groups.unshift(BigInt.asUintN(32, rest).toString(16).padStart(8, '0'));
  return groups.join(',');
}
