// Creates network interfaces with a known speed: one namespace per host, joined to a hub by a shaped veth pair.

import { readFileSync } from 'node:fs';
import { type Clock, seconds } from '../core/clock.ts';
import { AppError } from '../core/errors.ts';
import type { BitsPerSecond } from '../core/units.ts';
import { spawnDetached } from './detached-process.ts';
import type { LabProcess } from './lab-state.ts';
import { runTool, type ToolAnswer } from './run-tool.ts';
import { tbfArguments } from './tbf.ts';

/*
 *   broker-1 namespace                hub namespace                 generator namespace
 *   eth0 198.18.1.2/30 ──── veth ──── broker-1 198.18.1.1
 *                                     generator 198.18.0.1 ──── veth ──── eth0 198.18.0.2/30
 *
 * Each end of each pair shapes its outgoing traffic, so every interface has its speed in both directions. The hub
 * routes, which needs no bridge in the kernel. Addresses are of RFC 2544's benchmark range; every namespace has a
 * separate routing table, so several labs can use the same addresses.
 */

export type ShapedHost = ShapedNetwork['hosts'][number];

export type ShapedNetwork = ReturnType<typeof planNetwork>;

/** Name of a host's interface inside its namespace. */
export const cardName = 'eth0';

interface ToolCall {
  command: readonly [program: string, ...args: string[]];
  input?: string;
}

/** @param names host names of at most 15 bytes, because they name interfaces of the hub */
export function planNetwork(labId: string, names: readonly string[], bitsPerSecond: BitsPerSecond) {
  return {
    hub: `plimsoll-${labId}-hub`,
    hosts: names.map((name, index) => ({ name, namespace: `plimsoll-${labId}-${name}`, address: `198.18.${index}.2` })),
    bitsPerSecond,
  };
}

export const namespacesOf = ({ hub, hosts }: ShapedNetwork) => [hub, ...hosts.map(({ namespace }) => namespace)];

export const namespaceOf = (network: ShapedNetwork | undefined, name: string): string | undefined =>
  network?.hosts.find((host) => host.name === name)?.namespace;

export const addressOf = (network: ShapedNetwork | undefined, name: string): string =>
  network?.hosts.find((host) => host.name === name)?.address ?? '127.0.0.1';

export function networkCalls({ hub, hosts, bitsPerSecond }: ShapedNetwork): ToolCall[] {
  return [
    ...makeNamespace(hub),
    // Needs no shell or sysctl program: tee writes to /proc/sys/net of the namespace.
    { command: inside(hub, 'tee', '/proc/sys/net/ipv4/ip_forward'), input: '1' },
    ...hosts.flatMap(({ name, namespace, address }) => [
      ...makeNamespace(namespace),
      { command: inWords(`ip -n ${hub} link add ${name} type veth peer name ${cardName} netns ${namespace}`) },
      ...makeEnd(hub, name, hubEnd(address), bitsPerSecond),
      ...makeEnd(namespace, cardName, address, bitsPerSecond),
      { command: inWords(`ip -n ${namespace} route add default via ${hubEnd(address)}`) },
    ]),
  ];
}

/** @param line command in which no word contains spaces */
const inWords = (line: string) => line.split(' ') as [string, ...string[]];
const hubEnd = (address: string) => address.replace(/\.2$/, '.1');

const inside = (namespace: string, program: string, ...args: readonly string[]) =>
  ['ip', 'netns', 'exec', namespace, program, ...args] as const;

const makeNamespace = (namespace: string): ToolCall[] => [
  { command: ['ip', 'netns', 'add', namespace] },
  { command: ['ip', '-n', namespace, 'link', 'set', 'lo', 'up'] },
];

const makeEnd = (namespace: string, device: string, address: string, rate: BitsPerSecond): ToolCall[] => [
  { command: ['ip', '-n', namespace, 'address', 'add', `${address}/30`, 'dev', device] },
  ...shapeDevice(device, rate, namespace).map((command) => ({ command })),
  { command: ['ip', '-n', namespace, 'link', 'set', device, 'up'] },
];

/** @param namespace namespace of the device; default: that of this process */
export function shapeDevice(device: string, rate: BitsPerSecond, namespace?: string): ToolCall['command'][] {
  const own = namespace === undefined ? [] : ['-n', namespace];
  const ethtool = ['ethtool', '-K', device, 'tso', 'off', 'gso', 'off', 'gro', 'off'] as const;
  return [
    // Otherwise counters would see packets of 64 kB, which no physical link transmits.
    namespace === undefined ? ethtool : inside(namespace, ...ethtool),
    // TCP still joins packets: tbf would charge the framing of one frame for many, and let 1 to 2% too much through.
    ['ip', ...own, 'link', 'set', 'dev', device, 'gso_max_segs', '1'],
    ['tc', ...own, 'qdisc', 'add', 'dev', device, 'root', ...tbfArguments(rate)],
  ];
}

/** @throws AppError lab-failed, no-permission with the output of the tool */
export async function makeNetwork(network: ShapedNetwork, signal: AbortSignal): Promise<void> {
  for (const { command, input } of networkCalls(network)) {
    const [program, ...rest] = command;
    const answer = await runTool(program, rest, { signal, ...(input === undefined ? {} : { input }) });
    requireDone(
      answer,
      `\`${command.join(' ')}\` failed`,
      'the lab needs network namespaces, veth and tbf; inside a container it has to be a privileged one',
    );
  }
}

/** Removes remaining namespaces together with their devices. */
export async function removeNamespaces(namespaces: readonly string[], signal: AbortSignal): Promise<void> {
  if (namespaces.length === 0) return;
  const listed = await runTool('ip', ['netns', 'list'], { signal });
  const present = new Set(listed?.stdout.split('\n').map((line) => line.split(' ')[0]));
  for (const namespace of namespaces) {
    if (!present.has(namespace)) continue;
    const answer = await runTool('ip', ['netns', 'delete', namespace], { signal });
    const hint = 'run `plimsoll lab down` as the user who started the lab, root';
    requireDone(answer, `cannot remove namespace ${namespace}`, hint);
  }
}

function requireDone(answer: ToolAnswer | undefined, failure: string, hint: string): void {
  if (answer?.exitCode === 0) return;
  const said = answer?.stderr.trim() ?? 'no such program';
  const code = /not permitted|denied/i.test(said) ? 'no-permission' : 'lab-failed';
  throw new AppError(code, `${failure}: ${said}`, { hint });
}

/**
 * Starts a sleeping process that keeps the namespace open, so that /proc/<pid>/net shows the host even if its broker
 * stops.
 */
export function holdNamespace({ name, namespace }: ShapedHost, at: { labId: string; cwd: string }): LabProcess {
  const process = spawnDetached('ip', ['netns', 'exec', namespace, 'sleep', '2147483647'], { ...at, output: 'ignore' });
  return { ...process, name, role: 'namespace-holder' };
}

/** Waits until `ip` has entered the namespace and executed `sleep`. */
export async function waitUntilHeld(holder: LabProcess, io: { clock: Clock; signal: AbortSignal }): Promise<void> {
  const end = io.clock.monotonic() + 10;
  while (nameOf(holder.pid) !== 'sleep') {
    if (io.clock.monotonic() > end)
      throw new AppError('lab-failed', `nothing holds the network namespace of ${holder.name}`);
    await io.clock.sleep(seconds(0.01), { signal: io.signal });
  }
}

function nameOf(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  } catch {
    return undefined;
  }
}
