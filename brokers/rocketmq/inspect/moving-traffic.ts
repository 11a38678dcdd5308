// How fast do the topics and groups move that move at all? What the broker kept of the last minute, some at a time.

import type { Clock } from '../../../core/clock.ts';
import type { Io } from '../../driver.ts';
import type { BrokerLink } from './broker-link.ts';
import type { GroupTraffic, TopicTraffic } from '../details.ts';
import { pipelined } from './pipelined.ts';
import type { TopicCommits } from '../protocol/get-all-consumer-offset.ts';
import { encodeViewBrokerStats, parseViewBrokerStats, type BrokerStatsName } from '../protocol/view-broker-stats.ts';
import { createRota } from './rota.ts';

export interface Traffic {
  topics: readonly TopicTraffic[];
  groups: readonly GroupTraffic[];
}

/** The broker keeps a mean of the last minute: asking more often shows little more. */
const everySeconds = 60;
const mostAtATime = 100;
const atOnce = 16;
/** What did not move for so long has no traffic to ask for. */
const stillSeconds = 120;

export function createTrafficReader({ clock }: { clock: Clock }) {
  const topics = createRota<TopicTraffic>({ clock, everySeconds });
  const groups = createRota<GroupTraffic>({ clock, everySeconds });
  const movedAt = new Map<string, number>();
  let before: ReadonlyMap<string, bigint> | undefined;

  /** Those that moved lately, by a sign before the name: topics `t`, groups `g`. */
  function lately(kind: 't' | 'g', moved: Iterable<string>): string[] {
    const now = clock.monotonic();
    for (const name of moved) movedAt.set(kind + name, now);
    for (const [name, at] of movedAt) if (now - at > stillSeconds) movedAt.delete(name);
    return [...movedAt.keys()].filter((name) => name.startsWith(kind)).map((name) => name.slice(1));
  }

  return async (
    link: BrokerLink,
    { moved, commits }: { moved: ReadonlySet<string>; commits: ReadonlyMap<string, TopicCommits> },
    io: Io,
  ): Promise<Traffic> => {
    const perSecond = (name: BrokerStatsName, key: string) =>
      link.ask(encodeViewBrokerStats({ name, key }), parseViewBrokerStats, io);
    const sums = commitSums(commits);
    const movedGroups = [...sums].flatMap(([key, sum]) => ((before?.get(key) ?? sum) === sum ? [] : [key]));
    before = sums;

    await pipelined(topics.due(lately('t', moved), mostAtATime), atOnce, async (topic) => {
      const [messages, bytes] = await Promise.all([
        perSecond('TOPIC_PUT_NUMS', topic),
        perSecond('TOPIC_PUT_SIZE', topic),
      ]);
      topics.put(topic, { broker: link.id, topic, ...ratesOf(messages, bytes) });
    });
    await pipelined(groups.due(lately('g', movedGroups), mostAtATime), atOnce, async (key) => {
      const [topic = '', group = ''] = key.split('@');
      const [messages, bytes, sendBackPerSecond] = await Promise.all([
        perSecond('GROUP_GET_NUMS', key),
        perSecond('GROUP_GET_SIZE', key),
        perSecond('SNDBCK_PUT_NUMS', key),
      ]);
      const rates = ratesOf(messages, bytes);
      groups.put(key, {
        broker: link.id,
        group,
        topic,
        ...rates,
        ...(sendBackPerSecond !== undefined && { sendBackPerSecond }),
      });
    });
    return { topics: [...topics.values().values()], groups: [...groups.values().values()] };
  };
}

function ratesOf(messagesPerSecond: number | undefined, bytesPerSecond: number | undefined) {
  return {
    ...(messagesPerSecond !== undefined && { messagesPerSecond }),
    ...(bytesPerSecond !== undefined && { bytesPerSecond }),
  };
}

function commitSums(commits: ReadonlyMap<string, TopicCommits>): ReadonlyMap<string, bigint> {
  return new Map(
    Array.from(commits, ([key, { byQueue }]) => [key, byQueue.values().reduce((sum, each) => sum + each, 0n)]),
  );
}
