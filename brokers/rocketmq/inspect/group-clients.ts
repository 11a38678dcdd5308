// Reads the clients of each group and checks that their subscriptions agree, a share of the groups per snapshot.

import type { Clock } from '../../../core/clock.ts';
import { AppError } from '../../../core/errors.ts';
import type { Io } from '../../driver.ts';
import type { BrokerLink } from './broker-link.ts';
import {
  encodeGetConsumerConnections,
  type ConsumerConnections,
  encodeGetConsumerRunningInfo,
} from '../protocol/client-requests.ts';
import { createReadRotation } from './read-rotation.ts';
import { defined } from '../../../core/defined.ts';
import type { RocketmqGroup } from '../details.ts';
import type { NameReading } from './broker-name.ts';

type Online = Extract<ConsumerConnections, { kind: 'online' }>;
/** `unknown`: last read so long ago that the clients may be different now. */
interface Away {
  kind: 'offline' | 'unknown';
  lastMessageModel?: NonNullable<Online['messageModel']>;
}
type GroupConnections = Online | Away;

/** Connections by group, as one broker reports them. */
export type ConnectionsByGroup = ReadonlyMap<string, GroupConnections>;
/** Topics whose members subscribe with different expressions, by group. */
export type ConflictsByGroup = ReadonlyMap<string, readonly string[]>;

/** Clients send heartbeats every 30 s, so reading more often than each minute shows little more. */
const connectionsEverySeconds = 60;
/** Ends before the deadline of the section, which would make the section fail. */
const pace = { least: 200, atOnce: 8, withinSeconds: 1.5 };

export function createConnectionReader({ clock }: { clock: Clock }) {
  const rota = createReadRotation<GroupConnections>({ clock, everySeconds: connectionsEverySeconds });
  return async (link: BrokerLink, groups: readonly string[], io: Io): Promise<ConnectionsByGroup> => {
    const before = rota.lastValues();
    await rota.refresh(groups, pace, async (group) => {
      const answer = await link.ask(encodeGetConsumerConnections(group), io);
      return answer.kind === 'online' ? answer : awayOf('offline', before.get(group));
    });
    const known = rota.values();
    return new Map(
      Array.from(rota.lastValues(), ([group, last]) => [group, known.get(group) ?? awayOf('unknown', last)]),
    );
  };
}

/** Keeps the message model: commits of a group that switched to broadcasting are outdated, with or without clients. */
function awayOf(kind: Away['kind'], before: GroupConnections | undefined): Away {
  const lastMessageModel = before?.kind === 'online' ? before.messageModel : before?.lastMessageModel;
  return { kind, ...(lastMessageModel !== undefined && { lastMessageModel }) };
}

/**
 * The broker keeps one subscription per group, from the last heartbeat; only the members report each one. Each request
 * blocks a thread of the broker until the client answers, so they run one at a time, and few in each snapshot.
 */
const conflictsEverySeconds = 600;
const mostConflictGroupsAtATime = 3;
const mostClientsOfAGroup = 20;

export function createConflictReader({ clock }: { clock: Clock }) {
  const rota = createReadRotation<readonly string[]>({ clock, everySeconds: conflictsEverySeconds });
  return async (link: BrokerLink, connections: ConnectionsByGroup, io: Io): Promise<ConflictsByGroup> => {
    const shared = [...connections].flatMap(([group, { kind, ...of }]) =>
      kind === 'online' && 'clients' in of && of.clients.length > 1 ? [group] : [],
    );
    // Clients that could not be read again may be the same, so a known conflict is kept until they are read.
    const unknown = [...connections].flatMap(([group, { kind }]) => (kind === 'unknown' ? [group] : []));
    const due = rota
      .due([...shared, ...unknown], Infinity)
      .filter((group) => connections.get(group)?.kind === 'online')
      .slice(0, mostConflictGroupsAtATime);
    for (const group of due) {
      // Even if a member does not answer, the group waits for its next turn, and keeps its last result.
      rota.put(group, rota.lastValues().get(group) ?? []);
      const found = connections.get(group);
      const clients = found?.kind === 'online' ? found.clients.slice(0, mostClientsOfAGroup) : [];
      const clientIds = clients.map(({ clientId }) => clientId);
      rota.put(group, await conflictsOf(link, group, clientIds, io));
    }
    // With hundreds of groups a turn comes late; until then the last result is kept.
    return rota.lastValues();
  };
}

async function conflictsOf(link: BrokerLink, group: string, clientIds: readonly string[], io: Io): Promise<string[]> {
  const subscriptions: Readonly<Record<string, string>>[] = [];
  for (const clientId of clientIds) {
    try {
      const request = encodeGetConsumerRunningInfo({ group, clientId });
      subscriptions.push((await link.ask(request, io)).subscriptions);
    } catch (cause) {
      // It has left, or does not support the request, as clients in other languages.
      if (!(cause instanceof AppError) || cause.code === 'broker-unreachable') throw cause;
    }
  }
  return conflictingTopics(subscriptions);
}

/** Returns topics that not every member subscribes to with the same expression. */
export function conflictingTopics(members: readonly Readonly<Record<string, string>>[]): string[] {
  const topics = new Set(members.flatMap((subscriptions) => Object.keys(subscriptions)));
  return [...topics].filter((topic) => new Set(members.map((subscriptions) => subscriptions[topic])).size > 1).sort();
}

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
