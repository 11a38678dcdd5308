// Merges the brokers' reports about the clients of each group.

import { defined } from '../../../core/defined.ts';
import type { RocketmqGroup } from '../details.ts';
import type { NameReading } from './broker-name.ts';

export interface GroupClients {
  /** Number of clients; absent while none is known but there may be some: at a silent broker, or behind a proxy. */
  count?: number;
  consumeType?: NonNullable<RocketmqGroup['consumeType']>;
  messageModel?: NonNullable<RocketmqGroup['messageModel']>;
  versions: readonly string[];
  conflicts: readonly string[];
}

const nothingReported: GroupClients = { versions: [], conflicts: [] };

/** Counts each client once, by its id, because it connects to every broker that it reads from. */
export function clientsOf(readings: readonly NameReading[]): ReadonlyMap<string, GroupClients> {
  const merged = new Map<string, { versions: Map<string, string>; reported: GroupClients }>();
  for (const { connections } of readings) {
    for (const [group, found] of connections) {
      const entry = merged.get(group) ?? { versions: new Map(), reported: nothingReported };
      merged.set(group, entry);
      if (found.kind !== 'online') {
        const messageModel = entry.reported.messageModel ?? found.lastMessageModel;
        if (messageModel !== undefined) entry.reported = { ...entry.reported, messageModel };
        continue;
      }
      for (const { clientId, version } of found.clients) entry.versions.set(clientId, version ?? '');
      const { consumeType, messageModel } = found;
      entry.reported = { ...entry.reported, ...defined({ consumeType, messageModel }) };
    }
  }
  const consuming = consumingGroups(readings);
  return new Map(
    Array.from(merged, ([group, { versions, reported }]) => {
      const conflicts = new Set(readings.flatMap((reading) => reading.conflicts.get(group) ?? []));
      const distinct = new Set([...versions.values()].filter((version) => version !== ''));
      const isKnown =
        versions.size > 0 || (!consuming.has(group) && readings.every((reading) => isOffline(group, reading)));
      return [
        group,
        {
          ...reported,
          ...(isKnown && { count: versions.size }),
          versions: [...distinct].sort(),
          conflicts: [...conflicts].sort(),
        },
      ];
    }),
  );
}

/** Proxies in cluster mode do not register clients at brokers: these only see that the group receives messages. */
function consumingGroups(readings: readonly NameReading[]): ReadonlySet<string> {
  return new Set(
    readings.flatMap(({ traffic }) =>
      traffic.groups.flatMap(({ group, messagesPerSecond = 0 }) => (messagesPerSecond > 0 ? [group] : [])),
    ),
  );
}

/** Whether the group certainly has no client at the brokers of this name. */
function isOffline(group: string, { connections, mayDenyClients, queues }: NameReading): boolean {
  if (!mayDenyClients) return false;
  const found = connections.get(group);
  if (found !== undefined) return found.kind !== 'unknown';
  const isThere = queues?.groups.some(({ name }) => name === group) === true;
  return queues?.hasAllGroups === true && !isThere;
}
