// Remembers the addresses and ports of brokers and processes for some time after they ended.

import type { AddressedBroker, AddressedHost } from '../core/broker-hosts.ts';
import type { ProcessReading } from '../core/documents/evidence/process-reading.ts';

export interface KnownBroker extends AddressedBroker {
  /** When its cluster last listed it, on the monotonic clock. */
  namedAt: number;
}

/** How long an ended broker is remembered, the same as for ended processes (hosts/processes/process-watch.ts). */
const rememberSeconds = 3600;

/** @returns brokers listed now, and those listed within the last hour whose address no other broker has */
export function keepBrokers(
  known: readonly KnownBroker[],
  named: readonly AddressedBroker[],
  now: number,
): readonly KnownBroker[] {
  const ids = new Set(named.map(({ id }) => id));
  const addresses = new Set(named.map(({ address }) => address));
  const silent = known.filter(
    ({ id, address, namedAt }) => !ids.has(id) && !addresses.has(address) && now - namedAt <= rememberSeconds,
  );
  return [...named.map(({ id, address }) => ({ id, address, namedAt: now })), ...silent];
}

/** An ended process keeps its ports, unless another process listens there now. */
export function keepPorts(
  known: AddressedHost['processes'],
  readings: readonly ProcessReading[],
): AddressedHost['processes'] {
  const running = readings.flatMap((each) =>
    each.state === 'running' ? [{ name: each.name, ports: each.process.ports }] : [],
  );
  const taken = new Set(running.flatMap(({ ports }) => ports));
  const gone = new Set(readings.flatMap((each) => (each.state === 'gone' ? [each.name] : [])));
  const ended = known
    .filter(({ name }) => gone.has(name))
    .map(({ name, ports }) => ({ name, ports: ports.filter((port) => !taken.has(port)) }));
  return [...running, ...ended];
}
