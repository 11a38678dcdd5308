// Chooses dead-letter messages and their targets, without sending anything.

import type { Io } from '../../brokers/driver.ts';
import type { ClusterLookup, FoundMessage, ReadStart } from '../../brokers/lookup.ts';
import type { PartitionPlace } from '../../core/cluster.ts';
import type { MessageSender } from '../../brokers/message-sender.ts';
import type { Finding } from '../../core/documents/analysis.ts';
import { AppError } from '../../core/errors.ts';
import { markerIn } from './copy-of.ts';
import { originOf, popRetryTopicsOf, retryTopicOf } from './dead-letter.ts';
import { messageName, type MessagePlace } from './message-name.ts';
import { findingsOf, type Seen } from './plan-findings.ts';
import { wasSent } from './sent-messages.ts';
import { targetOf, type ResendAim } from './target.ts';

export interface ResendSpec extends ResendAim {
  from: ReadStart;
  /** Only these messages, instead of matching ones. */
  messages: readonly MessagePlace[];
  isWanted(message: FoundMessage): boolean;
  /** Maximum messages to send, and to read during the search. */
  limit: number;
  mostRead: number;
  /** Includes messages already resent according to the files of this machine. */
  again: boolean;
  /** Result of `sentBefore` in sent-messages.ts. */
  sentBefore: ReadonlySet<string>;
}

export interface ChosenMessage extends PartitionPlace {
  offset: bigint;
  storedAtMs?: number;
  target: string;
}

export interface ResendPlan {
  chosen: readonly ChosenMessage[];
  read: number;
  findings: readonly Finding[];
}

type Reading = Pick<ClusterLookup, 'partitions' | 'stored' | 'messages'>;

/** @throws AppError not-found for an unknown dead-letter topic; errors of the brokers */
export async function planResend(
  lookup: Reading,
  sender: Pick<MessageSender, 'places'>,
  spec: ResendSpec,
  io: Io,
): Promise<ResendPlan> {
  const seen: Seen = {
    matching: [],
    read: 0,
    isCut: false,
    isHeldBack: false,
    withoutTarget: [],
    packed: [],
    sentBefore: 0,
    copies: 0,
    origins: new Set(),
  };
  if (spec.messages.length > 0) await readChosen(lookup, spec, seen, io);
  else await readMatching(lookup, spec, seen, io);
  const chosen = seen.matching.toSorted(byTime).slice(0, spec.limit);
  const missing = await missingTargets(sender, chosen, io);
  const retryTopics = [...seen.origins].flatMap((origin) => popRetryTopicsOf(spec.topic, origin));
  const popRetries = await knownTopics(sender, retryTopics, io);
  return { chosen, read: seen.read, findings: findingsOf(spec, seen, chosen.length, { missing, popRetries }) };
}

async function readChosen(lookup: Reading, spec: ResendSpec, seen: Seen, io: Io): Promise<void> {
  // A message named twice is sent once.
  for (const place of new Map(spec.messages.map((each) => [messageName(each), each])).values()) {
    const answer = await lookup.messages({ kind: 'offset', topic: spec.topic, ...place, isCommittedOnly: true }, io);
    if (answer.kind === 'not-there') {
      throw new AppError('not-found', `${spec.topic} has no message ${messageName(place)}: ${answer.reason}`);
    }
    for (const message of answer.messages) consider(message, spec, seen);
  }
}

async function readMatching(lookup: Reading, spec: ResendSpec, seen: Seen, io: Io): Promise<void> {
  const places = await lookup.partitions(spec.topic, io);
  const share = Math.max(1, Math.floor(spec.mostRead / Math.max(1, places.length)));
  for (const place of places) {
    let { from } = spec;
    let read = 0;
    for (;;) {
      const question = { ...place, from, most: share - read, isCommittedOnly: true };
      const { messages, next, end, isHeldBack = false } = await lookup.stored(question, io);
      read += messages.length;
      for (const message of messages) if (spec.isWanted(message)) consider(message, spec, seen);
      const isStuck = messages.length === 0 && from.kind === 'offset' && next <= from.offset;
      if (next >= end || isStuck || read >= share) {
        seen.isCut ||= next < end;
        seen.isHeldBack ||= isHeldBack;
        break;
      }
      from = { kind: 'offset', offset: next };
    }
    seen.read += read;
  }
}

function consider(message: FoundMessage, spec: ResendSpec, seen: Seen): void {
  const { partition, brokerName, offset, storedAtMs } = message;
  const name = messageName(message);
  if (!spec.again && wasSent(message, spec.sentBefore)) {
    seen.sentBefore += 1;
    return;
  }
  if (message.facts['still compressed with'] !== undefined) seen.packed.push(name);
  if (markerIn(message) !== undefined) seen.copies += 1;
  const target = targetOf(message, spec);
  if (target === undefined) seen.withoutTarget.push(name);
  else if (spec.to === undefined && target.topic === retryTopicOf(spec.topic)) {
    const origin = originOf(spec.broker, message)?.topic;
    if (origin !== undefined) seen.origins.add(origin);
  }
  seen.matching.push({
    topic: spec.topic,
    partition,
    offset,
    target: target?.topic ?? '',
    ...(brokerName !== undefined && { brokerName }),
    ...(storedAtMs !== undefined && { storedAtMs }),
  });
}

const byTime = (one: ChosenMessage, other: ChosenMessage): number =>
  (one.storedAtMs ?? 0) - (other.storedAtMs ?? 0) || Number(one.offset - other.offset);

async function missingTargets(sender: Pick<MessageSender, 'places'>, chosen: readonly ChosenMessage[], io: Io) {
  const missing: string[] = [];
  for (const topic of new Set(chosen.map(({ target }) => target).filter((target) => target !== ''))) {
    const places = await placesOf(sender, topic, io);
    if (places instanceof AppError) missing.push(places.message);
    else if (places.length === 0) missing.push(`no partition of ${topic} accepts messages now`);
  }
  return missing;
}

async function knownTopics(sender: Pick<MessageSender, 'places'>, topics: readonly string[], io: Io) {
  const known: string[] = [];
  for (const topic of topics) if (!((await placesOf(sender, topic, io)) instanceof AppError)) known.push(topic);
  return known;
}

/** @returns an error if the cluster has no such topic */
async function placesOf(sender: Pick<MessageSender, 'places'>, topic: string, io: Io) {
  try {
    return await sender.places(topic, io);
  } catch (cause) {
    if (!(cause instanceof AppError) || !['not-found', 'broker-refused'].includes(cause.code)) throw cause;
    return cause;
  }
}
