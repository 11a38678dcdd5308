// Sets read and write queue counts of a topic on a broker and leaves the rest of its definition unchanged.

import type { Io } from '../../../brokers/driver.ts';
import type { ChangeDesk } from '../../../brokers/rocketmq/changes/change-desk.ts';
import type { TopicDefinition } from '../../../brokers/rocketmq/protocol/get-all-topic-config.ts';
import { AppError, faultOf } from '../../../core/errors.ts';
import { seconds } from '../../../core/clock.ts';
import { electsLeader, groupsIn, masterOf, readRoutes, routeBlockers, topicAt } from '../broker-group.ts';
import { heldBy, type Blocker, type Step } from '../../change/step.ts';
import type { Tools } from '../change.ts';
import { restoreEach } from '../change-each.ts';
import { goneMasters } from '../members.ts';
import type { QueueBroker, QueuesFacts } from './facts.ts';

export type Queues = Pick<TopicDefinition, 'readQueues' | 'writeQueues'>;

/**
 * @param wanted returns undefined to keep values set by others
 * @returns a description of the change
 * @throws AppError not-found if the topic does not exist; broker-refused if the broker kept another number
 */
export async function setQueues(
  desk: ChangeDesk,
  { topic }: Pick<QueuesFacts, 'topic'>,
  { brokerName, address }: Pick<QueueBroker, 'brokerName' | 'address'>,
  wanted: (now: Queues) => Queues | undefined,
  io: Io,
): Promise<string> {
  const before = await definitionAt(desk, address, topic, io);
  const target = wanted(before);
  if (target === undefined) return `${brokerName}: others changed ${topic} to ${queuesText(before)}, which is kept`;
  if (!isSame(before, target)) await desk.defineTopic(address, { ...before, ...target }, before, io);
  const after = isSame(before, target) ? before : await definitionAt(desk, address, topic, io);
  if (!isSame(after, target)) {
    throw new AppError(
      'broker-refused',
      `${brokerName} took ${queuesText(target)} for ${topic} and has ${queuesText(after)}: another tool or person has changed it`,
    );
  }
  return `${brokerName}: ${queuesText(before)} → ${queuesText(after)}`;
}

/** Like setQueues; a topic deleted since then has nothing to restore. */
export async function restoreQueuesAt(...[desk, facts, broker, wanted, io]: Parameters<typeof setQueues>) {
  try {
    return await setQueues(desk, facts, broker, wanted, io);
  } catch (cause) {
    if (!(cause instanceof AppError) || cause.code !== 'not-found') throw cause;
    return `${broker.brokerName}: ${cause.message}, so nothing is restored there`;
  }
}

/** Like setQueues, on one broker after another. */
export const setOnEach = (
  desk: ChangeDesk,
  facts: QueuesFacts,
  io: Io,
  wanted: (now: Queues, broker: QueueBroker) => Queues,
): Promise<string[]> =>
  Array.fromAsync(facts.brokers, async (broker) => {
    const address = await masterOf(desk, broker.brokerName, io);
    return await setQueues(desk, facts, { ...broker, address }, (now) => wanted(now, broker), io);
  });

/** Restores brokers that can be reached, also without name servers. @throws AppError as restoreEach, with what remains */
export const restoreOnEach = (
  { desk, gone }: Pick<Tools, 'desk' | 'gone'>,
  facts: QueuesFacts,
  io: Io,
  wanted: (now: Queues, broker: QueueBroker) => Queues | undefined,
): Promise<string[]> =>
  restoreEach(
    facts.brokers,
    async (broker) => {
      const address = await masterOf(desk, broker.brokerName, io, broker.address);
      return await restoreQueuesAt(desk, facts, { ...broker, address }, (now) => wanted(now, broker), io);
    },
    goneWith({ desk, gone }, facts, io),
  );

/** Describes what `--gone` leaves unrestored. */
export const goneWith = (tools: Pick<Tools, 'desk' | 'gone'>, { topic }: Pick<QueuesFacts, 'topic'>, io: Io) =>
  goneMasters(tools, (queues: QueueBroker) => `${topic} with ${queuesText(queues)}`, io);

const isSame = (one: Queues, other: Queues) =>
  one.readQueues === other.readQueues && one.writeQueues === other.writeQueues;
const queuesText = ({ readQueues, writeQueues }: Queues) => `read queues ${readQueues}, write queues ${writeQueues}`;

/** Blocks while producers can write again to queues that this change has closed to them: such messages may stay unread. */
export async function reopenedQueues(
  desk: ChangeDesk,
  { topic, to, brokers }: Pick<QueuesFacts, 'topic' | 'to' | 'brokers'>,
  io: Io,
): Promise<Blocker[]> {
  const holds: Blocker[] = [];
  for (const { brokerName } of brokers) {
    const { writeQueues } = await definitionAt(desk, await masterOf(desk, brokerName, io), topic, io);
    if (writeQueues <= to) continue;
    holds.push({
      what: `another tool or person set write queues ${writeQueues} for ${topic} on ${brokerName}: use --abort, or set them to ${to}`,
    });
  }
  return holds;
}

async function definitionAt(desk: ChangeDesk, address: string, topic: string, io: Io): Promise<TopicDefinition> {
  const found = await topicAt(desk, address, topic, io);
  if (found !== undefined) return found;
  throw new AppError('not-found', `${address} no longer has topic ${topic}`, {
    hint: 'it was deleted meanwhile: --abort rolls back the rest',
  });
}

/** A slave copies definitions every 10 s (SlaveSynchronize): three rounds. */
const copiedWithin = seconds(30);

/** Blocks for a limited time while a follower has not copied the topic: if elected, it would serve the former numbers of queues. */
export function untilCopied(step: Step<QueuesFacts>, facts: QueuesFacts, { desk, clock }: Tools): Step<QueuesFacts> {
  let first: readonly string[] | undefined;
  return {
    ...step,
    async run(io) {
      const outcome = await step.run(io);
      if (outcome.kind !== 'done') return outcome;
      // Evidence of the first run, because a repetition changes nothing.
      const evidence = (first ??= outcome.evidence);
      const behind = await behindFollowers(desk, facts, io);
      if (behind.length === 0) return { ...outcome, evidence };
      const setAt = facts.setAt ?? clock.now().toISOString();
      const until = new Date(Date.parse(setAt) + copiedWithin * 1000);
      const learnt = { ...outcome.learnt, setAt };
      if (clock.now() < until) return { ...heldBy(behind, until), learnt };
      return {
        ...outcome,
        evidence: [...evidence, ...behind.map((each) => `${each}: if it becomes the master, run this change again`)],
      };
    },
  };
}

/** Followers of groups that elect their master. A follower that does not respond copies the topic before it can be elected. */
async function behindFollowers(desk: ChangeDesk, { topic, brokers }: QueuesFacts, io: Io): Promise<string[]> {
  const behind: string[] = [];
  const groups = groupsIn(await desk.listings(io));
  for (const { brokerName } of brokers) {
    const master = await masterOf(desk, brokerName, io);
    if (!electsLeader(await desk.settings(master, io))) continue;
    const wanted = await definitionAt(desk, master, topic, io);
    for (const { brokerId, address } of groups.get(brokerName)?.members ?? []) {
      if (address === master) continue;
      const has = await topicAt(desk, address, topic, io).catch((cause: unknown) => faultOf(cause, io));
      if (has instanceof AppError || (has !== undefined && isSame(has, wanted))) continue;
      const state = has === undefined ? 'does not have it' : `has ${queuesText(has)}`;
      behind.push(`${brokerName}:${brokerId} at ${address} has not copied ${topic} and ${state}`);
    }
  }
  return behind;
}

/** Blocks while a name server shows a wrong number of queues on a broker. */
export async function staleRoutes(
  desk: ChangeDesk,
  { topic, brokers }: Pick<QueuesFacts, 'topic' | 'brokers'>,
  isRight: (queues: Queues, broker: QueueBroker) => boolean,
  io: Io,
): Promise<Blocker[]> {
  const routes = await readRoutes(desk, [topic], io);
  return brokers.flatMap((broker) =>
    routeBlockers(
      routes,
      broker.brokerName,
      `still shows other queues on ${broker.brokerName}`,
      (queues) => queues !== undefined && isRight(queues, broker),
    ),
  );
}
