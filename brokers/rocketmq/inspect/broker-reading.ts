// Reads queues, topics and groups of one broker: commits before log ends, so that no lag is negative.

import { addAbortListener } from 'node:events';
import { AppError } from '../../../core/errors.ts';
import { seconds } from '../../../core/clock.ts';
import type { Io, WantedSnapshot } from '../../driver.ts';
import type { ReadGovernor } from '../../read-governor.ts';
import type { SectionRead, Sections } from '../../sections.ts';
import type { SilentBrokers } from '../../silent-brokers.ts';
import type { BrokerLink } from './broker-link.ts';
import type { Consumption } from './consumption.ts';
import type { Member } from './membership.ts';
import { encodeGetAllConsumerOffset, type TopicCommits } from '../protocol/offset-requests.ts';
import { encodeGetAllSubscriptionGroup } from '../protocol/group-requests.ts';
import { encodeGetAllTopicConfig, type TopicDefinition } from '../protocol/topic-requests.ts';
import { encodeGetBrokerRuntimeInfo } from '../protocol/broker-requests.ts';
import { readPages } from '../protocol/read-pages.ts';
import { holdsMessages, isPredefinedGroup } from './topic-kind.ts';
import type { ConsistentReading } from './consistent-reading.ts';
import type { OffsetsByTopic, QueueOffsetReader } from './queue-offsets.ts';
import { parseRuntimeInfo } from '../runtime-info.ts';

interface BrokerTopic extends TopicDefinition {
  /** Number of queues that may have messages. */
  queues: number;
}

export interface QueueReading {
  broker: Member;
  topics: readonly BrokerTopic[];
  groups: readonly { name: string }[];
  /** Whether the groups were read: then a group that is not listed is not on this broker. */
  hasAllGroups: boolean;
  /** Commits by `topic@group`, without those of orphaned groups. */
  commits: ReadonlyMap<string, TopicCommits>;
  /** Names of groups with commits but no config on this broker; absent if the groups were not read. */
  orphanedGroups?: ReadonlySet<string>;
  /** Newest offsets; absent if not read. */
  offsets?: OffsetsByTopic;
  /** Offsets read together with the commits, from which lags are computed; absent if there are none. */
  endsOfCommits?: OffsetsByTopic;
  /** Absent if not read. */
  consumption?: Consumption;
  moved: ReadonlySet<string>;
}

/** Deadline for an answer from memory. A broker that misses it on the first request gets no further ones. */
const deadlineSeconds = 3;
/** Deadline for a broker that was silent a moment ago, so that a hanging one costs each scrape no more than this. */
const silentBrokerDeadlineSeconds = 0.5;
/** Deadline for one request for offsets, which are answered from memory. */
const offsetRequestSeconds = seconds(2.5);
const topicConfigSeconds = 30;
const groupConfigSeconds = 60;

export interface BrokerReader {
  link: BrokerLink;
  /** As `Sections.ask`, but sends nothing after the broker did not answer. */
  ask<Value>(read: Omit<SectionRead<Value>, 'broker'>, io: Io): Promise<Value | undefined>;
  /** Whether the broker answered a request in this snapshot and did not become silent. */
  answers(): boolean;
}

/** @param silentBefore brokers that were silent; updated */
export function createBrokerReader(
  sections: Pick<Sections, 'ask'>,
  to: BrokerLink,
  silentBefore: SilentBrokers,
): BrokerReader {
  let answers = 0;
  const link = countingAnswers(to, () => (answers += 1));
  let silent: AppError | undefined;
  let refusal: AppError | undefined;
  let hasAnswered = false;
  let isWeary = silentBefore.has(link.id);
  const fallSilent = (cause: unknown, { signal }: Io) => {
    // A caller that gives up early does not prove a broker fault.
    if (!signal.aborted) silentBefore.add(link.id);
    silent ??= new AppError('broker-unreachable', `skipped: ${link.id} did not answer an earlier request`, { cause });
  };
  return {
    link,
    ask: (section, io) =>
      sections.ask(
        {
          ...section,
          ...(isWeary && !hasAnswered && { deadlineSeconds: silentBrokerDeadlineSeconds }),
          broker: link.id,
          async read(within) {
            if (silent !== undefined) throw silent;
            // Record silence in a listener, which runs before callers that await this answer send the next request.
            const answersBefore = answers;
            using _ = addAbortListener(within.signal, () => {
              // A section of many small requests may take long on a healthy broker.
              if (answers > answersBefore) return;
              if (!hasAnswered) fallSilent(within.signal.reason, io);
              else if (!io.signal.aborted) [hasAnswered, isWeary] = [false, true];
            });
            try {
              const value = await section.read(within);
              // A section that sent no request, such as offsets of no known topic, is no answer.
              if (refusal !== undefined && !hasAnswered && answers === answersBefore) throw refusal;
              hasAnswered = true;
              silentBefore.delete(link.id);
              return value;
            } catch (cause) {
              if (cause instanceof AppError && cause.code === 'broker-unreachable') fallSilent(cause, io);
              if (cause instanceof AppError && cause.code === 'credentials-refused') refusal ??= cause;
              throw cause;
            }
          },
        },
        io,
      ),
    answers: () => (hasAnswered || refusal !== undefined) && silent === undefined,
  };
}

/** Counts answers, including refusals. */
function countingAnswers(link: BrokerLink, count: () => void): BrokerLink {
  return {
    ...link,
    async ask(request, io) {
      try {
        const answer = await link.ask(request, io);
        count();
        return answer;
      } catch (cause) {
        if (cause instanceof AppError && cause.code !== 'broker-unreachable') count();
        throw cause;
      }
    },
  };
}

export interface RuntimeAnswer {
  /** Runtime table as sent. */
  table?: ReadonlyMap<string, string>;
  /** Whether it was read now, not for an earlier snapshot. */
  isNew: boolean;
}

/** Reads the runtime table, and reports its busy states to the governor. */
export async function readRuntime(
  reader: BrokerReader,
  { governor, maxAgeSeconds = 0 }: { governor: ReadGovernor; maxAgeSeconds?: number },
  io: Io,
): Promise<RuntimeAnswer> {
  let isNew = false;
  const table = await reader.ask(
    {
      section: 'runtime',
      everySeconds: maxAgeSeconds,
      deadlineSeconds,
      async read(within) {
        const table = await reader.link.ask(encodeGetBrokerRuntimeInfo(), within);
        isNew = true;
        const { threadPools, pageCacheLockSeconds } = parseRuntimeInfo(table);
        const waits = threadPools.map(({ headWaitSeconds }) => headWaitSeconds ?? 0);
        governor.observe(reader.link.id, {
          queueHeadWaitSeconds: Math.max(0, ...waits),
          ...(pageCacheLockSeconds !== undefined && { pageCacheLockSeconds }),
        });
        return table;
      },
    },
    io,
  );
  return { isNew, ...(table !== undefined && { table }) };
}

/**
 * @param readFigures reads the runtime table between commits and ends; without a new one, every queue is read
 * @param names names of the cluster and its brokers
 */
export async function readQueues(
  { broker, reader, offsetReader, oneReading, names, readFigures }: QueueSource,
  wanted: WantedSnapshot,
  io: Io,
): Promise<QueueReading> {
  const { link } = reader;
  const read = (within: Io) => link.ask(encodeGetAllConsumerOffset(), within);
  const commits = await reader.ask({ section: 'commits', deadlineSeconds, read }, io);
  const table = await readFigures();
  const askTopics = (everySeconds: number) =>
    reader.ask(
      {
        section: 'topics',
        everySeconds,
        // Kept as long as the broker is listed: without its queues, a topic would seem to be only on the other brokers.
        keepSeconds: Infinity,
        deadlineSeconds,
        read: (within) => readTopicConfigs(link, within),
      },
      io,
    );
  const held = await askTopics(topicConfigSeconds);
  // A topic requested by name may have been created just now.
  const lacks = wanted.topics?.some((name) => held?.every((topic) => topic.name !== name)) ?? false;
  const topics = lacks ? await askTopics(0) : held;
  const committing = new Set(commits?.map(({ group }) => group));
  const askGroups = (everySeconds: number) =>
    reader.ask(
      { section: 'groups', everySeconds, deadlineSeconds, read: (within) => readGroups(link, committing, within) },
      io,
    );
  const heldGroups = await askGroups(groupConfigSeconds);
  // Commits are newer than a kept table: a group that it lacks may have been created just now.
  const hasNewGroup =
    heldGroups !== undefined && wanted.groups === undefined && !committing.isSubsetOf(heldGroups.classified);
  const groups = hasNewGroup ? await askGroups(0) : heldGroups;
  // Groups that a load test reads were created just now, so reading the table each second is not worthwhile.
  const orphanedGroups = wanted.groups === undefined ? groups?.orphaned : undefined;
  const isWanted = (names: readonly string[] | undefined, name: string) => names?.includes(name) ?? true;
  const committed = new Set(commits?.map(({ topic }) => topic));
  const ownTopics = (topics ?? [])
    .filter(({ name }) => isWanted(wanted.topics, name))
    .map((topic): BrokerTopic => {
      const { name, readQueues, writeQueues } = topic;
      return { ...topic, queues: holdsMessages(name, names, committed) ? Math.max(readQueues, writeQueues) : 0 };
    });
  const offsets = await reader.ask(
    // There are as many requests as queues, so the only deadline is that of the snapshot.
    {
      section: 'offsets',
      read: ({ signal }) =>
        offsetReader.read(
          link,
          ownTopics,
          parseRuntimeInfo(table),
          { signal, within: offsetRequestSeconds },
          topics !== undefined && wanted.topics === undefined,
        ),
    },
    io,
  );
  const together = oneReading.of(commits, offsets);
  return {
    broker,
    topics: ownTopics,
    hasAllGroups: groups !== undefined,
    groups: (groups?.configs ?? []).filter(({ name }) => isWanted(wanted.groups, name)),
    ...(orphanedGroups !== undefined && { orphanedGroups }),
    commits: new Map(
      (together?.commits ?? commits ?? [])
        .filter(({ topic, group }) => isWanted(wanted.topics, topic) && isWanted(wanted.groups, group))
        .filter(({ group }) => orphanedGroups?.has(group) !== true)
        .map((each) => [`${each.topic}@${each.group}`, each]),
    ),
    ...(offsets !== undefined && { offsets }),
    ...(together !== undefined && { endsOfCommits: together.ends }),
    moved: offsetReader.moved(),
  };
}

export interface QueueSource {
  broker: Member;
  reader: BrokerReader;
  offsetReader: QueueOffsetReader;
  oneReading: ConsistentReading<readonly TopicCommits[], OffsetsByTopic>;
  names: ReadonlySet<string>;
  readFigures(): Promise<ReadonlyMap<string, string> | undefined>;
}

const readTopicConfigs = (link: BrokerLink, io: Io): Promise<TopicDefinition[]> =>
  readPages((page) => link.ask(encodeGetAllTopicConfig(page), io));

interface GroupTable {
  configs: readonly { name: string }[];
  /** Groups with commits, read before the configs, but without a config: left out, as in RocketMQ's own lag. */
  orphaned: ReadonlySet<string>;
  /** Names of all groups with a config or commits. */
  classified: ReadonlySet<string>;
}

/** @param committing groups with commits on the broker */
async function readGroups(link: BrokerLink, committing: ReadonlySet<string>, io: Io): Promise<GroupTable> {
  const configs = await readGroupConfigs(link, io);
  const names = new Set(configs.map(({ name }) => name));
  const orphaned = new Set([...committing.difference(names)].filter((group) => !isPredefinedGroup(group)));
  return { configs, orphaned, classified: names.union(committing) };
}

async function readGroupConfigs(link: BrokerLink, io: Io): Promise<{ name: string }[]> {
  const rows = await readPages((page) => link.ask(encodeGetAllSubscriptionGroup(page), io));
  return rows.map(({ name }) => ({ name }));
}
