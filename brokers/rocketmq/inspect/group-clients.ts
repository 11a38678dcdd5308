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
