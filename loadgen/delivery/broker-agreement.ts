// Compares the brokers' offsets with the delivery check: each partition must grow by what was acknowledged.

import { defined } from '../../core/defined.ts';
import type { BrokerAgreement, GroupAccount } from '../../core/documents/delivery-account.ts';
import { getOrMake } from '../../core/get-or-make.ts';
import { isUnknownPlace } from './place.ts';
import type { LogOffsets } from './log-offsets.ts';
import type { PendingMessages } from './pending-messages.ts';
import { isAt, type LogPlace, type PartitionNamer } from './topic-place.ts';

interface AgreementEvidence {
  /** Log offsets before the first message and after the last response. */
  before: LogOffsets;
  after: LogOffsets;
  /** Messages by place: acknowledged, and of unknown fate. */
  acknowledged: ReadonlyMap<number, number>;
  unknownFate: ReadonlyMap<number, number>;
  groups: readonly GroupAccount[];
  pending: PendingMessages;
  /** Distinct records delivered, by place, to the group that received the most. */
  given: ReadonlyMap<number, number>;
  transactions: boolean;
  /** Whether a worker was lost or the run killed, which did not record the messages of the last second. */
  hasUnrecorded: boolean;
  namePlace: PartitionNamer;
}

const nothing = () => ({ acknowledged: 0, unknownFate: 0, given: 0, pending: 0 });

/*
 *     acknowledged − lost − pending  ≤  end after − end before  ≤  the larger of  acknowledged − lost + unknown fate
 *                                                                            and  records delivered to a group
 *
 * `lost` comes from the group with the largest loss: a group that read to the end received all that the partition
 * holds, and a group that read before the log was truncated also received the removed messages. Unread messages are not
 * lost, so a partition that no group read to its end must hold all acknowledged messages. A message that was certainly
 * refused must not be stored. `pending` messages are held back by brokers until their delivery time; if brokers do not
 * report how many, a partition with missing messages is not compared. Duplicate, foreign and corrupted records count as
 * soon as a group has read them.
 *
 * Kafka transactions add a marker to each partition they touch, and messages of aborted transactions also use offsets,
 * so there is no upper bound. There is also none if a worker was lost or the run killed: maybe no group has read what
 * they did not record, and behind a proxy, what a killed consumer acknowledged is not redelivered.
 */
export function agreeWithBroker(evidence: AgreementEvidence): BrokerAgreement {
  const { before, after, acknowledged, unknownFate, groups, given, pending, namePlace } = evidence;
  const { transactions, hasUnrecorded } = evidence;
  const whole = new Set([...acknowledged.keys(), ...unknownFate.keys()].filter(isUnknownPlace).map(topicOf));
  const keyOf = ({ topic, partition }: LogPlace) => (whole.has(topic) ? topic : `${topic} ${partition}`);
  const [start, end] = [Map.groupBy(before, keyOf), Map.groupBy(after, keyOf)];
  const expected = new Map([...start.keys()].map((key) => [key, nothing()]));
  const expect = (place: number) => getOrMake(expected, keyOf(namePlace(place)), nothing);
  for (const [place, count] of acknowledged) expect(place).acknowledged += count;
  for (const [place, count] of unknownFate) expect(place).unknownFate += count;
  // RocketMQ redelivers from a retry topic: such messages are not in these logs.
  for (const [place, count] of given) if (!isUnknownPlace(place)) expect(place).given += count;
  for (const [place, count] of pending.byPlace) expect(place).pending += count;

  const total = { partitions: 0, notCompared: 0, grown: 0, acknowledged: 0, unknownFate: 0 };
  const disagreements: BrokerAgreement['disagreements'] = [];
  for (const [key, sent] of expected) {
    const logs = end.get(key) ?? [];
    const growth = growthOf(start.get(key) ?? [], logs);
    if (growth === undefined || (sent.pending > 0 && !pending.isKnown)) {
      total.notCompared += Math.max(1, logs.length);
      continue;
    }
    const { grown, isAdded, wentBack, topic, partition } = growth;
    const place = whole.has(topic) ? { topic } : { topic, ...(partition !== undefined && { partition }) };
    const stored = Math.max(0, sent.acknowledged - mostLost(groups, place));
    const least = Math.max(0, stored - sent.pending);
    const isBounded = !(transactions || hasUnrecorded || isAdded);
    const most = isBounded ? Math.max(stored + sent.unknownFate, sent.given) : undefined;
    total.partitions += logs.length;
    total.grown += grown;
    total.acknowledged += sent.acknowledged;
    total.unknownFate += sent.unknownFate;
    const reason = reasonOf(grown, least, most, wentBack);
    if (reason === undefined) continue;
    disagreements.push({ ...place, grown, least, ...(most !== undefined && { most }), reason });
  }
  const note = noteOf(evidence, whole.size > 0);
  return defined({ ...total, agrees: disagreements.length === 0 && total.notCompared === 0, note, disagreements });

  function topicOf(place: number): string {
    return namePlace(place).topic;
  }
}

interface Growth extends LogPlace {
  grown: number;
  wentBack: boolean;
  /**
   * True if the partition may already have existed before the run with unknown content, so only a minimum can be
   * checked.
   */
  isAdded: boolean;
}

/**
 * Sums the growth of logs that are compared together.
 * @returns undefined if one of them was not read at the start or at the end
 */
function growthOf(before: LogOffsets, after: LogOffsets): Growth | undefined {
  const [first] = after;
  const isGone = before.some(({ partition }) => !after.some((to) => to.partition === partition));
  if (first === undefined || isGone) return undefined;
  const { topic, partition } = first;
  const growth: Growth = { topic, partition, grown: 0, wentBack: false, isAdded: false };
  for (const to of after) {
    const from = before.find(({ partition }) => to.partition === partition);
    if (from === undefined && to.isAdded !== true) return undefined;
    const start = from?.end ?? 0;
    growth.isAdded ||= from === undefined;
    growth.wentBack ||= to.end < start;
    growth.grown += Math.max(0, to.end - start);
  }
  return growth;
}

function noteOf({ transactions, hasUnrecorded }: AgreementEvidence, isWhole: boolean): string | undefined {
  if (transactions)
    return 'transaction markers and aborted messages take offsets too, so a partition may have grown by more';
  if (hasUnrecorded)
    return 'the last second of a lost worker or a killed run is not recorded, so a partition may have grown by more';
  return isWhole ? 'a proxy chose the queues, so the queues of a topic are compared together' : undefined;
}

function reasonOf(grown: number, least: number, most: number | undefined, wentBack: boolean): string | undefined {
  if (wentBack) return 'the end offset decreased: the log was truncated, or the topic re-created';
  if (grown < least) return `${least - grown} messages are missing that must be there`;
  if (most !== undefined && grown > most) return `${grown - most} offsets more than anything sent explains`;
  return undefined;
}

const mostLost = (groups: readonly GroupAccount[], place: LogPlace): number =>
  Math.max(0, ...groups.map(({ places }) => places.find(isAt(place))?.lost ?? 0));
