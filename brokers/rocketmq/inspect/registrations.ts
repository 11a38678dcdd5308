// Keeps the brokers that a name server listed before its restart until they have registered again.

import { type Clock, seconds } from '../../../core/clock.ts';
import type { ListedBroker } from '../protocol/name-server-requests.ts';

/** Brokers register every 30 s (registerNameServerPeriod); one that stopped meanwhile stays listed for this time. */
const registeredWithin = seconds(35);

export function createRegistrations(clock: Clock) {
  const known = new Map<string, { listed: readonly ListedBroker[]; restartedAt?: number }>();
  const restarted = (server: string) => {
    const before = known.get(server);
    if (before !== undefined) known.set(server, { ...before, restartedAt: clock.monotonic() });
  };
  return {
    /** Call when the name server refuses connections. */
    down: restarted,
    /** @returns what the name server lists now, and after its restart also what it listed before */
    up(server: string, listed: readonly ListedBroker[]): readonly ListedBroker[] {
      if (listed.length === 0 && known.get(server)?.restartedAt === undefined) restarted(server);
      const { listed: before = [], restartedAt } = known.get(server) ?? {};
      if (restartedAt !== undefined && clock.monotonic() - restartedAt < registeredWithin)
        return joined(before, listed);
      known.set(server, { listed });
      return listed;
    },
  };
}

function joined(before: readonly ListedBroker[], now: readonly ListedBroker[]): ListedBroker[] {
  const addresses = new Set(now.flatMap((group) => [...group.addresses.values()]));
  const names = new Set([...now, ...before].map(({ brokerName }) => brokerName));
  return [...names].flatMap((name) => {
    const [group, former] = [now, before].map((all) => all.find(({ brokerName }) => brokerName === name));
    const kept = [...(former?.addresses ?? [])].filter(([, address]) => !addresses.has(address));
    const either = group ?? former;
    return either === undefined ? [] : { ...either, addresses: new Map([...kept, ...(group?.addresses ?? [])]) };
  });
}
