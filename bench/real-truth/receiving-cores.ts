// Lets each host of a lab receive packets on its own cores, as a machine with a network card of its own does.

import { cpus } from 'node:os';
import { AppError } from '../../core/errors.ts';
import { readLabState } from '../../lab/lab-state.ts';
import { cardName } from '../../lab/shaped-network.ts';
import { runTool } from '../../lab/run-tool.ts';

/**
 * Between namespaces a packet is received on the core that sends it. Below the limit of a broker that is the core of the senders; at the
 * limit, where the broker's acknowledgements let senders send on, it is the broker's: its core did work there that no lower step had
 * shown. Receive packet steering keeps them apart (kernel documentation, networking/scaling).
 *
 * @param broker the host that receives on the last core; the others, and the hub, receive on the rest
 * @throws AppError lab-failed where the kernel does not steer
 */
export async function separateReceiving(directory: string, broker: string): Promise<void> {
  const namespaces = readLabState(directory)?.namespaces ?? [];
  const hub = namespaces.find((name) => name.endsWith('-hub')) ?? '';
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
  throw new AppError(
    'lab-failed',
    `cannot write ${file} in ${namespace}: ${answer?.stderr.trim() ?? 'no ip program'}`,
    {
      hint: 'the kernel needs CONFIG_RPS, and the bench needs root',
    },
  );
}

/** As the kernel reads a mask: hexadecimal groups of 32 cores. */
const groupsOf32 = (cores: bigint) =>
  cores
    .toString(16)
    .padStart(Math.ceil(cores.toString(16).length / 8) * 8, '0')
    .replaceAll(/(?<=.)(?=(?:.{8})+$)/g, ',');
