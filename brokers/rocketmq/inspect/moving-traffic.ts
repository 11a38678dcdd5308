// Reads last-minute rates of topics and groups, some of them per snapshot, and skips idle ones.

import type { Clock } from '../../../core/clock.ts';
import { defined } from '../../../core/defined.ts';
import type { Io } from '../../driver.ts';
import type { BrokerLink } from './broker-link.ts';
import type { GroupTraffic, TopicTraffic } from '../details.ts';
import type { QueueReading } from './broker-reading.ts';
import type { TopicCommits } from '../protocol/offset-requests.ts';
import { encodeViewBrokerStats, type BrokerStatsName } from '../protocol/broker-requests.ts';
import type { OffsetsByTopic } from './queue-offsets.ts';
import { createReadRotation } from './read-rotation.ts';
import { isPredefinedGroup, retryPrefix } from './topic-kind.ts';

export interface Traffic {
  topics: readonly TopicTraffic[];
  groups: readonly GroupTraffic[];
}

export type TrafficSource = Pick<QueueReading, 'moved' | 'commits' | 'offsets' | 'endsOfCommits'>;

/** The broker keeps a mean of the last minute, so reading more often shows little more. */
const everySeconds = 60;
const leastAtATime = 100;
/** A group with a lag and no commits may still receive messages, so it is read, but less often. */
const idleSeconds = 300;
const leastIdleAtATime = 50;
/** Limits of each of the three rounds below. Together they end before the section's deadline, so it does not fail. */
const pace = { atOnce: 16, withinSeconds: 0.5 };

/*
 * An idle topic has rate 0 without a request, because its ends did not move. The same holds for a group that committed
 * everything. A group with a lag and no commits is read, because its clients may receive the same messages again and
 * again. A message sent back counts for the topic it was first sent to, while its redelivery moves only the retry
 * topic: so when %RETRY%<group> moves, every topic of the group counts as moving.
 */
export function createTrafficReader({ clock }: { clock: Clock }) {
  const topics = createReadRotation<TopicTraffic>({ clock, everySeconds });
  const groups = createReadRotation<GroupTraffic>({ clock, everySeconds });
  const idleGroups = createReadRotation<GroupTraffic>({ clock, everySeconds: idleSeconds });
  const topicMovements = createMovements(clock);
  const groupMovements = createMovements(clock);
  let before: ReadonlyMap<string, bigint> | undefined;

  /** Returns keys `topic@group` whose commits moved since the last call, and keys of groups whose retry topic moved. */
  function movedGroups(commits: TrafficSource['commits'], movedTopics: ReadonlySet<string>): ReadonlySet<string> {
    const sums = commitSums(commits);
    // A first commit is a movement too, if there is an earlier reading to compare with.
    const moved = new Set(
      [...sums].flatMap(([key, sum]) => (before === undefined || before.get(key) === sum ? [] : [key])),
    );
    before = sums;
    for (const [key, { group }] of commits) {
      const retries = `${retryPrefix}${group}`;
      if (movedTopics.has(retries) || moved.has(`${retries}@${group}`)) moved.add(key);
    }
    return moved;
  }

  return async (
    link: BrokerLink,
    { moved, commits, offsets, endsOfCommits }: TrafficSource,
    io: Io,
  ): Promise<Traffic> => {
    const onTopics = topicMovements.next(topicsWithQueues(offsets), moved);
    const onGroups = groupMovements.next(readableKeys(commits), movedGroups(commits, moved));
    const [caughtUp, behind] = splitBy(onGroups.idle, (key) => hasAll(commits.get(key), endsOfCommits));

    await topics.refresh(onTopics.moving, { ...pace, least: leastAtATime }, (topic) => readTopic(link, topic, io));
    await groups.refresh(onGroups.moving, { ...pace, least: leastAtATime }, (key) => readGroup(link, key, io));
    await idleGroups.refresh(behind, { ...pace, least: leastIdleAtATime }, async (key) => ({
      ...idleGroup(link, key),
      ...(await readGroup(link, key, io)),
    }));
    return {
      topics: [...topics.values().values(), ...onTopics.idle.map((topic) => idleTopic(link, topic))],
      groups: [
        ...groups.values().values(),
        ...idleGroups.values().values(),
        ...caughtUp.map((key) => idleGroup(link, key)),
      ],
    };
  };
}

async function readTopic(link: BrokerLink, topic: string, io: Io): Promise<TopicTraffic> {
  const [messages, bytes] = await Promise.all([
    perSecond(link, 'TOPIC_PUT_NUMS', topic, io),
    perSecond(link, 'TOPIC_PUT_SIZE', topic, io),
  ]);
  return { broker: link.id, topic, ...ratesOf(messages, bytes) };
}

async function readGroup(link: BrokerLink, key: string, io: Io): Promise<GroupTraffic> {
  const [messages, bytes, sentBack] = await Promise.all([
    perSecond(link, 'GROUP_GET_NUMS', key, io),
    perSecond(link, 'GROUP_GET_SIZE', key, io),
    perSecond(link, 'SNDBCK_PUT_NUMS', key, io),
  ]);
  // Messages are sent back to the master they came from: without a counter there were none.
  return { broker: link.id, ...partsOf(key), ...ratesOf(messages, bytes), sendBackPerSecond: sentBack ?? 0 };
}

const perSecond = (link: BrokerLink, name: BrokerStatsName, key: string, io: Io) =>
  link.ask(encodeViewBrokerStats({ name, key }), io);

const idleTopic = ({ id }: BrokerLink, topic: string): TopicTraffic => ({ broker: id, topic, ...ratesOf(0, 0) });

const idleGroup = ({ id }: BrokerLink, key: string): GroupTraffic => ({
  broker: id,
  ...partsOf(key),
  ...ratesOf(0, 0),
  sendBackPerSecond: 0,
});

function partsOf(key: string): { topic: string; group: string } {
  const [topic = '', group = ''] = key.split('@');
  return { topic, group };
}

const ratesOf = (messagesPerSecond: number | undefined, bytesPerSecond: number | undefined) =>
  defined({ messagesPerSecond, bytesPerSecond });

/** Skips template topics of the broker, which have no queue and accept no message. */
function topicsWithQueues(offsets: OffsetsByTopic | undefined): string[] {
  return [...(offsets ?? [])].flatMap(([topic, queues]) => (queues.length > 0 ? [topic] : []));
}

/** Predefined groups of the broker are read only while their commits move. */
function readableKeys(commits: TrafficSource['commits']): string[] {
  return [...commits].flatMap(([key, { group }]) => (isPredefinedGroup(group) ? [] : [key]));
}

/** Whether the group committed everything in each queue that has a message. */
function hasAll(commits: TopicCommits | undefined, ends: OffsetsByTopic | undefined): boolean {
  const queues = commits === undefined ? undefined : ends?.get(commits.topic);
  if (queues === undefined || commits === undefined) return false;
  return queues.every((queue, id) => queue !== undefined && (commits.byQueue.get(id) ?? 0n) >= queue.end);
}

function splitBy<Item>(items: readonly Item[], isFirst: (item: Item) => boolean): [Item[], Item[]] {
  return [items.filter(isFirst), items.filter((item) => !isFirst(item))];
}

function commitSums(commits: ReadonlyMap<string, TopicCommits>): ReadonlyMap<string, bigint> {
  return new Map(
    Array.from(commits, ([key, { byQueue }]) => [key, byQueue.values().reduce((sum, each) => sum + each, 0n)]),
  );
}

/** Longer than the minute of a broker's mean plus its maximum age of ten seconds. */
const idleAfterSeconds = 120;

/** Separates moving names from idle ones; a name observed too briefly is neither. */
function createMovements(clock: Clock) {
  const firstSeen = new Map<string, number>();
  const movedAt = new Map<string, number>();
  return {
    /** Drops names that are gone; a name that moved and is not in `known` still counts as moving. */
    next(known: Iterable<string>, moved: Iterable<string>): { moving: string[]; idle: string[] } {
      const now = clock.monotonic();
      const names = new Set(known);
      for (const name of firstSeen.keys()) if (!names.has(name)) firstSeen.delete(name);
      for (const name of names) if (!firstSeen.has(name)) firstSeen.set(name, now);
      for (const name of moved) movedAt.set(name, now);
      for (const [name, at] of movedAt) if (now - at > idleAfterSeconds) movedAt.delete(name);
      const isIdle = (name: string) => !movedAt.has(name) && now - (firstSeen.get(name) ?? now) > idleAfterSeconds;
      return { moving: [...movedAt.keys()], idle: [...names].filter(isIdle) };
    },
  };
}
