// Joins brokers to hosts by configuration or address, and to the processes and GC logs of those hosts.

import type { ProcessReading, RunningProcess } from './documents/evidence/process-reading.ts';

export interface AddressedBroker {
  id: string;
  /** HOST:PORT as the cluster reports it. */
  address: string;
}

export interface AddressedHost {
  host: string;
  /** Names and addresses of this machine. */
  addresses: ReadonlySet<string>;
  /** Whether loopback addresses refer to this host. */
  isHere: boolean;
  /** Watched processes and the ports they listen on. */
  processes: readonly { name: string; ports: readonly number[] }[];
}

interface BrokerHost {
  broker: string;
  host: string;
  process?: string;
}

/** Configured host and process of a broker, by broker id. */
export type ConfiguredHosts = Readonly<Record<string, { host: string; process?: string | undefined }>>;

/**
 * Omits a broker whose address belongs to no host or to several: a private address may occur in several networks.
 * @param stated overrides addresses
 */
export function joinBrokers(
  brokers: readonly AddressedBroker[],
  hosts: readonly AddressedHost[],
  stated: ConfiguredHosts,
): BrokerHost[] {
  const named = hosts.map((each) => ({ ...each, addresses: new Set([...each.addresses].map(plainName)) }));
  return brokers.flatMap(({ id, address }) => {
    const { name, port } = splitAddress(address);
    const said = stated[id];
    const candidates = named.filter((each) => (said === undefined ? isOf(each, name) : each.host === said.host));
    const [host, ...others] = candidates;
    if (host === undefined || others.length > 0) return [];
    const listening = host.processes.filter(({ ports }) => ports.includes(port));
    const process = said?.process ?? (listening.length === 1 ? listening[0]?.name : undefined);
    return [{ broker: id, host: host.host, ...(process !== undefined && { process }) }];
  });
}

/** Whether a log belongs to another process: one that listens on a port and is not a broker here. Log names prove nothing. */
export function isAnotherProcess(
  name: string,
  processes: AddressedHost['processes'],
  own: ReadonlySet<string | undefined>,
): boolean {
  return !own.has(name) && processes.some((each) => each.name === name && each.ports.length > 0);
}

interface LogWriters {
  /** The broker's process, if known. */
  process: string | undefined;
  /** Processes of the host. */
  processes: AddressedHost['processes'];
  /** The host runs no other broker of the cluster. */
  isAlone: boolean;
}

/**
 * Returns the log named after the broker's process. Otherwise returns the only log of its host that belongs to no other process:
 * a name server, or a broker of another cluster, may write a log there as well.
 *
 * @returns undefined if the log is ambiguous
 */
export function logOfBroker<Log extends { name: string }>(
  logs: readonly Log[],
  { process, processes, isAlone }: LogWriters,
): Log | undefined {
  const named = logs.find(({ name }) => name === process);
  if (named !== undefined) return named;
  const [only, ...others] = logs.filter(({ name }) => !isAnotherProcess(name, processes, new Set([process])));
  return others.length === 0 && isAlone ? only : undefined;
}

export const unknownLogText = (broker: string, host: string, logs: readonly { name: string }[]): string =>
  `it is unknown which GC log of host ${host} belongs to broker ${broker} (${logs.map(({ name }) => name).join(', ')}): state that name as \`process\` of the broker`;

/** @returns the running processes, with the ports they listen on */
export const listening = (processes: readonly ProcessReading[] = []): AddressedHost['processes'] =>
  processes.flatMap((each) => (each.state === 'running' ? [{ name: each.name, ports: each.process.ports }] : []));

/**
 * Whether a broker runs in a container, so that the mounts of its host do not show where it stores messages.
 *
 * @param own the broker's process; if it was not recognised, it is one of `watched`
 */
export function isInContainer(own: RunningProcess | undefined, watched: readonly ProcessReading[] = []): boolean {
  if (own !== undefined) return own.isContained === true;
  const running = watched.flatMap((each) => (each.state === 'running' ? each.process : []));
  return running.length > 0 && running.every(({ isContained }) => isContained === true);
}

function isOf({ addresses, isHere }: AddressedHost, name: string): boolean {
  return isLoopback(name) ? isHere : addresses.has(name);
}

function isLoopback(name: string): boolean {
  return name === 'localhost' || name === '::1' || /^127\.\d+\.\d+\.\d+$/.test(name);
}

export const isOnLoopback = ({ address }: AddressedBroker): boolean => isLoopback(splitAddress(address).name);

/** `broker-1:9092`, `[fe80::1]:9092`. */
function splitAddress(address: string): { name: string; port: number } {
  const at = address.lastIndexOf(':');
  return { name: plainName(address.slice(0, at)), port: Number(address.slice(at + 1)) };
}

/** Host names are case-insensitive, and an IPv6 address has brackets only before a port. */
const plainName = (name: string): string => name.replace(/^\[|\]$/g, '').toLowerCase();
