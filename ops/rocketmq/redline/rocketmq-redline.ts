// Implements a redline for RocketMQ: one broker gets more write queues, and producers send to all queues in turn.

import type { Io } from '../../../brokers/driver.ts';
import type { ChangeDesk, ServerListing } from '../../../brokers/rocketmq/changes/change-desk.ts';
import { createRegistrations } from '../../../brokers/rocketmq/inspect/membership.ts';
import type { Clock } from '../../../core/clock.ts';
import { AppError } from '../../../core/errors.ts';
import { rateText } from '../../../core/text/quantity-text.ts';
import { masterOf, mastersIn, topicsAt, isClientGroup, isOrdered } from '../broker-group.ts';
import { findingsOfServers, readListings } from '../listings.ts';
import { mayWrite } from '../close-writes.ts';
import { named, textIn } from '../../../core/text/bilingual.ts';
import type { JournalRow, LiveLoad, StepAsk } from '../../redline/live-load.ts';
import type { RedlineDriver, Restored } from '../../redline/redline-driver.ts';
import { masterId } from '../../../core/broker-kind/rocketmq.ts';
import { queueName, readQueues, takesMessages, type QueueReading } from './live-queues.ts';
import { movesOfQueue, nextQueues, type RedlineTopic } from './plan-queue-step.ts';
import { raiseQueues, TopicQueues } from './queue-layout.ts';
import { restoreQueues } from './restore-queues.ts';
import { isNamed, restoreEach } from '../change-each.ts';
import { goneMasters } from '../members.ts';
import { queuesText } from '../queues/set-queues.ts';
import type { TopicDefinition } from '../../../brokers/rocketmq/protocol/topic-requests.ts';
import { hasLateType, holdsLateMessages } from '../late-messages.ts';

/** Java clients refresh routes every 30 s (pollNameServerInterval); then producers send to the new queues in turn. */
const following = { windowSeconds: 8, mostSeconds: 75 };

/** @param desk closed with the driver. @param how broker: its name, or the id of its master */
export function rocketmqRedline(
  desk: ChangeDesk,
  {
    broker,
    clock,
    ignoredGroups,
    gone = [],
  }: { broker: string; clock: Clock; ignoredGroups: readonly string[]; gone?: readonly string[] },
): RedlineDriver {
  const name = broker.replace(/:0$/, '');
  const id = masterId(name);
  const registrations = createRegistrations(clock);

  return {
    broker: { id, name },
    following,
    // More queues on this broker change the rate of every queue.
    averagedSteps: 1,
    async verify(io) {
      const masters = await mastersOf(io);
      if (masters.some(({ brokerName }) => brokerName === name)) return;
      const known = named(masters.map(({ brokerName }) => brokerName));
      throw new AppError('usage', `cluster ${desk.cluster} has no broker ${name} with a master; brokers: ${known}`);
    },
    // All use grows with the rate, because a broker does no work for messages that it does not receive.
    growthOf: () => 1,
    read: (only, io) => readQueues({ ...desk, listings }, { only, clock, loadOf }, io),
    partitionName: ({ topic, partition, brokerName = '' }) => queueName(topic, brokerName, partition),
    async candidates(load, io) {
      const address = await masterOf(desk, name, io);
      const definitions = await topicsAt(desk, address, io);
      const readers = await readersAt(desk, address, ignoredGroups, io);
      const left: string[] = [];
      const kept: JournalRow[] = [];
      for (const row of load.originals) {
        const definition = definitions.get(row.topic);
        if (definition === undefined) continue;
        const reason = await reasonToLeave(desk, address, definition, readers.get(row.topic) ?? [], io);
        if (reason === undefined) kept.push(row);
        else left.push(`${row.topic}: ${reason}`);
      }
      return { load: load.among(kept), left, topics: load.busyTopics };
    },
    async problems(_only, io) {
      const listings = await readListings(desk, io);
      const found = findingsOfServers(listings).map(({ message }) => message);
      const masters = mastersIn(listings);
      if (masters.length < 2)
        found.push(
          `cluster ${desk.cluster} has one master, which already receives all messages, so no traffic can be moved to it`,
        );
      const address = masters.find(({ brokerName }) => brokerName === name)?.address;
      const permission = address === undefined ? undefined : (await desk.settings(address, io)).get('brokerPermission');
      if (permission !== undefined && !mayWrite(Number(permission)))
        found.push(`broker ${name} is closed to writes (brokerPermission=${permission})`);
      return found;
    },
    async restore(tools, journaled) {
      const original = TopicQueues.array().parse(journaled.original);
      const set = TopicQueues.array().parse(journaled.set);
      const before = original.map((each) => `${each.topic} with ${queuesText(each)}`);
      let restored: Restored | undefined;
      const left = await restoreEach(
        [{ brokerName: name }],
        async () => {
          const isGone = isNamed(name, gone);
          const { ignoredGroups: ignored } = journaled;
          restored = await restoreQueues({ ...tools, desk }, { original, set, ignoredGroups: ignored, isGone });
          return '';
        },
        goneMasters({ desk, gone }, () => named(before, 20), tools),
      );
      return restored ?? { partitions: 0, left: left.map((each) => textIn(each, 'en')) };
    },
    [Symbol.asyncDispose]: () => desk[Symbol.asyncDispose](),
  };

  async function listings(io: Io): Promise<ServerListing[]> {
    return (await desk.listings(io)).map((listing) => {
      if (listing.brokers !== undefined) {
        return { ...listing, brokers: registrations.up(listing.server, listing.brokers) };
      }
      registrations.down(listing.server);
      return listing;
    });
  }

  async function mastersOf(io: Io) {
    return mastersIn(await readListings(desk, io));
  }

  function loadOf(reading: QueueReading): LiveLoad {
    const { masters, rates } = reading;
    const own = masters.find(({ brokerName }) => brokerName === name);
    const originals = (own?.topics ?? []).flatMap((topic): TopicQueues[] => {
      const row = { topic: topic.name, readQueues: topic.readQueues, writeQueues: topic.writeQueues };
      return own !== undefined && takesMessages(topic) ? [{ brokerName: name, address: own.address, ...row }] : [];
    });
    const canGrow = new Set(originals.map(({ topic }) => topic));
    const topics = [...rates].map(([topic, ofTopic]): RedlineTopic => {
      const all = masters.flatMap(({ brokerName, topics: own }) =>
        own.flatMap((each) =>
          each.name === topic && takesMessages(each) ? [{ brokerName, queues: each.writeQueues }] : [],
        ),
      );
      return {
        topic,
        ownQueues: all.find(({ brokerName }) => brokerName === name)?.queues ?? 0,
        allQueues: all.reduce((sum, { queues }) => sum + queues, 0),
        ownTps: ofTopic.get(name) ?? 0,
        allTps: [...ofTopic.values()].reduce((sum, rate) => sum + rate, 0),
        canGrow: canGrow.has(topic),
      };
    });
    const ledBy = (brokerName: string) =>
      [...rates.values()].reduce((sum, ofTopic) => sum + (ofTopic.get(brokerName) ?? 0), 0);
    const ledTps = Object.fromEntries(masters.map(({ brokerName }) => [masterId(brokerName), ledBy(brokerName)]));
    return loadWith(topics, originals, ledTps);
  }

  function loadWith(
    topics: readonly RedlineTopic[],
    originals: readonly TopicQueues[],
    ledTps: Readonly<Record<string, number>>,
  ): LiveLoad {
    const clusterTps = topics.reduce((sum, { allTps }) => sum + allTps, 0);
    // A topic whose messages are all on this broker cannot add load.
    const usable = new Set(
      topics.filter((each) => each.canGrow && each.allTps > each.ownTps).map(({ topic }) => topic),
    );
    return {
      clusterTps,
      ledTps,
      busyTopics: topics.filter(({ allTps }) => allTps > 0).map(({ topic }) => topic),
      originals: originals.filter(({ topic }) => usable.has(topic)),
      among(rows) {
        const allowed = new Set(rows.map(({ topic }) => topic));
        const restricted = topics.map((each) => ({ ...each, canGrow: each.canGrow && allowed.has(each.topic) }));
        return loadWith(restricted, originals, ledTps);
      },
      next(ask: StepAsk) {
        const next = nextQueues(topics, Object.keys(ledTps).length, ask);
        if (next.kind === 'end') return next;
        const { grown, after } = next;
        const tps = after.reduce((sum, { ownTps }) => sum + ownTps, 0);
        const names = grown.map(({ topic, to }) => `${topic}: ${to} write queues`);
        return {
          kind: 'step',
          step: {
            names,
            moves: movesOfQueue * grown.reduce((sum, { from, to }) => sum + to - from, 0),
            ledTps: tps,
            text: `${name} gets more queues (${named(names, 3)}); expected rate of the broker: ${rateText(tps)}`,
            take: (tools) => raiseQueues({ ...tools, desk }, name, grown),
            after: () => loadWith(after, originals, { ...ledTps, [id]: tps }),
          },
        };
      },
    };
  }
}

interface Reader {
  group: string;
  isOnline: boolean;
  isBroadcasting: boolean;
  isOrderly: boolean;
}

/** @returns why a topic is left out, or undefined */
async function reasonToLeave(
  desk: ChangeDesk,
  address: string,
  topic: TopicDefinition,
  readers: readonly Reader[],
  io: Io,
): Promise<string | undefined> {
  return (
    reasonOfShape(topic, readers) ?? ((await holdsLateMessages(desk, address, topic, io)) ? lateMessages : undefined)
  );
}

const lateMessages = 'it has delayed or transactional messages, which would still arrive in queues that are removed';

function reasonOfShape(topic: Pick<TopicDefinition, 'order' | 'attributes' | 'isStatic'>, readers: readonly Reader[]) {
  if (isOrdered(topic)) return 'it is an ordered topic: with another number of queues a key moves to another queue';
  if (topic.isStatic === true) return 'it is a static topic, whose queues are mapped to brokers';
  if (hasLateType(topic)) return lateMessages;
  for (const { group, isOnline, isBroadcasting, isOrderly } of readers) {
    if (isOrderly)
      return `group ${group} reads it in order: with another number of queues a key moves to another queue`;
    const ignore = `(--ignore-group ${group})`;
    if (!isOnline) return `group ${group} has no client online and would not read the removed queues ${ignore}`;
    if (isBroadcasting) return `group ${group} reads it as a broadcast, so what it has read is unknown ${ignore}`;
  }
  return undefined;
}

/** @param ignoredGroups are skipped. @returns groups that read each topic on this broker now, or did before */
async function readersAt(
  desk: ChangeDesk,
  address: string,
  ignoredGroups: readonly string[],
  io: Io,
): Promise<ReadonlyMap<string, readonly Reader[]>> {
  const readers = new Map<string, Reader[]>();
  const add = (topic: string, reader: Reader) => readers.set(topic, [...(readers.get(topic) ?? []), reader]);
  const commits = await desk.commits(address, io);
  const groups = (await desk.groups(address, io)).filter(
    ({ name }) => isClientGroup(name) && !ignoredGroups.includes(name),
  );
  for (const { name: group, definition } of groups) {
    const online = await desk.connections(address, group, io);
    const committed = commits.filter((each) => each.group === group).map(({ topic }) => topic);
    if (online.kind === 'offline') {
      for (const topic of committed) add(topic, { group, isOnline: false, isBroadcasting: false, isOrderly: false });
      continue;
    }
    const [client] = online.clients;
    const isOrderly =
      /"consumeMessageOrderly":true/.test(definition) ||
      (client !== undefined && (await desk.isOrderly(address, group, client.clientId, io)) === true);
    const isBroadcasting = online.messageModel === 'broadcasting';
    for (const topic of Object.keys(online.subscriptions))
      add(topic, { group, isOnline: true, isBroadcasting, isOrderly });
    // An online group no longer reads other topics that it once committed.
  }
  return readers;
}
