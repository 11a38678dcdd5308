// Reads the clients of each group and checks that their subscriptions agree, a few groups per snapshot.

import type { Clock } from '../../../core/clock.ts';
import { AppError } from '../../../core/errors.ts';
import type { Io } from '../../driver.ts';
import type { BrokerLink } from './broker-link.ts';
import { pipelined } from './pipelined.ts';
import {
  encodeGetConsumerConnections,
  parseGetConsumerConnections,
  type ConsumerConnections,
} from '../protocol/get-consumer-connections.ts';
import { encodeGetConsumerRunningInfo, parseGetConsumerRunningInfo } from '../protocol/get-consumer-running-info.ts';
import { createReadRotation } from './read-rotation.ts';

type Online = Extract<ConsumerConnections, { kind: 'online' }>;
type GroupConnections = Online | { kind: 'offline'; lastMessageModel?: NonNullable<Online['messageModel']> };

/** By group, as one broker knows them. */
export type ConnectionsByGroup = ReadonlyMap<string, GroupConnections>;
/** By group: topics whose members subscribe with different expressions. */
export type ConflictsByGroup = ReadonlyMap<string, readonly string[]>;

/** Clients send heartbeats every 30 s: asking more often than each minute shows little more. */
const connectionsEverySeconds = 60;
const mostGroupsAtATime = 200;
const atOnce = 8;

export function createConnectionReader({ clock }: { clock: Clock }) {
  const rota = createReadRotation<GroupConnections>({ clock, everySeconds: connectionsEverySeconds });
  return async (link: BrokerLink, groups: readonly string[], io: Io): Promise<ConnectionsByGroup> => {
    const before = rota.values();
    await pipelined(rota.due(groups, mostGroupsAtATime), atOnce, async (group) => {
      const answer = await link.ask(encodeGetConsumerConnections(group), parseGetConsumerConnections, io);
      rota.put(group, answer.kind === 'online' ? answer : awayOf(before.get(group)));
    });
    return rota.values();
  };
}

/** Without clients the commits of a group that switched to broadcasting are as outdated as with them. */
function awayOf(before: GroupConnections | undefined): GroupConnections {
  const lastMessageModel = before?.kind === 'offline' ? before.lastMessageModel : before?.messageModel;
  return { kind: 'offline', ...(lastMessageModel !== undefined && { lastMessageModel }) };
}

/**
 * The broker keeps one subscription for a whole group, that of the last heartbeat: only the members report their own.
 * Each question holds one of the broker's threads until the client answers: one at a time, a few in each snapshot.
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
    for (const group of rota.due(shared, mostConflictGroupsAtATime)) {
      // Even when a member does not answer, the group waits for its next turn, as it was found at its last.
      rota.put(group, rota.values().get(group) ?? []);
      const found = connections.get(group);
      const clients = found?.kind === 'online' ? found.clients.slice(0, mostClientsOfAGroup) : [];
      const clientIds = clients.map(({ clientId }) => clientId);
      rota.put(group, await conflictsOf(link, group, clientIds, io));
    }
    return rota.values();
  };
}

async function conflictsOf(link: BrokerLink, group: string, clientIds: readonly string[], io: Io): Promise<string[]> {
  const subscriptions: Readonly<Record<string, string>>[] = [];
  for (const clientId of clientIds) {
    try {
      const request = encodeGetConsumerRunningInfo({ group, clientId });
      subscriptions.push((await link.ask(request, parseGetConsumerRunningInfo, io)).subscriptions);
    } catch (cause) {
      // It left, or it cannot say: clients in other languages do not answer this.
      if (!(cause instanceof AppError) || cause.code === 'broker-unreachable') throw cause;
    }
  }
  return conflictingTopics(subscriptions);
}

/** Topics that not every member subscribes to, or not with the same expression. */
export function conflictingTopics(members: readonly Readonly<Record<string, string>>[]): string[] {
  const topics = new Set(members.flatMap((subscriptions) => Object.keys(subscriptions)));
  return [...topics].filter((topic) => new Set(members.map((subscriptions) => subscriptions[topic])).size > 1).sort();
}
