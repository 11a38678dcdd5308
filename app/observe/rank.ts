// Ranks brokers, and on one of them topics, groups and clients, by bytes or messages per second.

import type { GroupMember } from '../../brokers/lookup.ts';
import { partitionKey } from '../../brokers/delta/partition-key.ts';
import { noSuch } from './no-such.ts';
import { sumOf, type BrokerFlow, type Flow, type GroupFlow, type Rates, type TopicFlow } from './rates.ts';

export const orders = ['bytes', 'messages'] as const;
export type Order = (typeof orders)[number];

export interface Ranked extends Flow {
  name: string;
  /** Share of the bytes that the selected brokers wrote (topics) or delivered (groups, clients), or of messages; absent if unknown. */
  share?: number;
}

export type Ranking = ReturnType<typeof rank>;

export interface View {
  by: Order;
  /** A broker id, `all`, or the busiest broker. */
  scope: { kind: 'busiest' } | { kind: 'all' } | { kind: 'broker'; id: string };
  /** Members of the groups that were read. */
  members: ReadonlyMap<string, readonly GroupMember[]>;
}

/** @param wanted broker id or `all`; absent: the busiest. @throws AppError not-found */
export function scopeOf(
  wanted: string | undefined,
  cluster: string,
  brokers: readonly { id: string }[],
): View['scope'] {
  if (wanted === undefined) return { kind: 'busiest' };
  if (wanted === 'all') return { kind: 'all' };
  if (brokers.some(({ id }) => id === wanted)) return { kind: 'broker', id: wanted };
  const known = brokers.map(({ id }) => ({ name: id }));
  throw noSuch('broker', wanted, { name: cluster }, known);
}

export function rank(rates: Rates, { by, scope, members }: View) {
  const amount = (flow: Partial<Flow>) => (by === 'bytes' ? flow.bytesPerSecond : flow.messagesPerSecond) ?? 0;
  // Flows with unknown bytes are ranked by messages, after the others.
  const largestFirst = (one: Flow, other: Flow) =>
    amount(other) - amount(one) || other.messagesPerSecond - one.messagesPerSecond;
  const load = ({ written, read }: BrokerFlow) => amount(written) + amount(read);
  const brokers = rates.brokers.toSorted((one, other) => load(other) - load(one));
  const [first] = brokers;
  const busiest =
    first === undefined || load(first) === 0
      ? undefined
      : {
          broker: first.broker,
          resource: amount(first.written) >= amount(first.read) ? ('writes' as const) : ('reads' as const),
        };
  const broker = scope.kind === 'broker' ? scope.id : scope.kind === 'busiest' ? busiest?.broker : undefined;
  const isInView = (flow: { broker: string }) => broker === undefined || flow.broker === broker;

  /** Omits shares if the total is unknown. */
  function ranked<Part extends Flow>(
    parts: readonly Part[],
    nameOf: (part: Part) => string,
    isWholeKnown: boolean,
  ): Ranked[] {
    const whole = isWholeKnown ? amount(sumOf(parts)) : 0;
    return [...Map.groupBy(parts, nameOf)]
      .map(([name, own]): Ranked => {
        const flow = sumOf(own);
        return { name, ...flow, ...(whole > 0 && { share: amount(flow) / whole }) };
      })
      .filter(({ messagesPerSecond }) => messagesPerSecond > 0)
      .sort(largestFirst);
  }

  const topics: TopicFlow[] = rates.topics.filter(isInView);
  const groups: GroupFlow[] = rates.groups.filter(isInView);
  const inView = brokers.filter((each) => broker === undefined || each.broker === broker);
  const areWritesKnown = inView.every(({ written }) => written.messagesPerSecond !== undefined);
  const areReadsKnown = inView.every(({ read }) => read.messagesPerSecond !== undefined);
  return {
    brokers,
    /** Broker with the largest sum of bytes written and read; absent without traffic. */
    ...(busiest !== undefined && { busiest }),
    /** Broker of these topics, groups and clients; absent: all brokers. */
    ...(broker !== undefined && { broker }),
    topics: ranked(topics, ({ topic }) => topic, areWritesKnown),
    groups: ranked(groups, ({ group }) => group, areReadsKnown),
    /** By the partitions each currently reads; brokers do not report clients that only produce. */
    clients: ranked([...clientFlows(groups, members)], ({ client }) => client, areReadsKnown),
  };
}

/** A partition counts for the only client of a group that reads it; if there are several, or it is unknown, for none. */
function* clientFlows(groups: readonly GroupFlow[], members: View['members']): Iterable<Flow & { client: string }> {
  const readers = new Map<string, string[]>();
  for (const [group, own] of members) {
    for (const { clientId, address, assigned = [] } of own) {
      const client = `${clientId}${address === undefined ? '' : ` ${address}`} (${group})`;
      for (const place of assigned) {
        const key = `${group}\u0000${partitionKey(place)}`;
        readers.set(key, [...(readers.get(key) ?? []), client]);
      }
    }
  }
  for (const flow of groups) {
    const [client, another] = readers.get(`${flow.group}\u0000${partitionKey(flow)}`) ?? [];
    if (client !== undefined && another === undefined) yield { ...flow, client };
  }
}

/** Groups with the highest rates, whose members are requested. */
export function groupsToAsk(rates: Rates, most: number): string[] {
  const sums = [...Map.groupBy(rates.groups, ({ group }) => group)].map(([group, own]) => ({ group, ...sumOf(own) }));
  return sums
    .filter(({ messagesPerSecond }) => messagesPerSecond > 0)
    .sort((one, other) => other.messagesPerSecond - one.messagesPerSecond)
    .slice(0, most)
    .map(({ group }) => group);
}
