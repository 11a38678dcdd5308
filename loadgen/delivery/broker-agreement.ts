// Compares the brokers' offsets with the delivery check: each partition must grow by what was acknowledged.

import type { BrokerAgreement, GroupAccount } from '../../core/documents/delivery-account.ts';
import type { LogOffsets, PartitionLogOffsets } from './log-offsets.ts';
import type { PendingMessages } from './pending-messages.ts';
import type { PartitionNamer } from './topic-place.ts';

interface AgreementEvidence {
  /** Before the first message and after the last answer. */
  before: LogOffsets;
  after: LogOffsets;
  /** Messages by place: acknowledged, and of unknown fate. */
  acknowledged: ReadonlyMap<number, number>;
  unknownFate: ReadonlyMap<number, number>;
  groups: readonly GroupAccount[];
  pending: PendingMessages;
  /** Records by place that some group was given, each once: the most that one was. */
  given: ReadonlyMap<number, number>;
  transactions: boolean;
  namePlace: PartitionNamer;
}

interface Expected {
  acknowledged: number;
  unknownFate: number;
  given: number;
  pending: number;
}

const nothing = (): Expected => ({ acknowledged: 0, unknownFate: 0, given: 0, pending: 0 });

/*
 *     acknowledged − lost − pending  ≤  end after − end before  ≤  the larger of  acknowledged − lost + unknown fate
 *                                                                            and  records that were given to a group
 *
 * Lost is what the group with the most loss says: it was given all that the partition holds, and one that read before the log
 * was cut back was given what is gone. What is unread is not lost, so a partition that no group read to its end must hold all that was
 * acknowledged. Of a message refused for certain
 * nothing may stand. Pending is what brokers keep back until its time; where they do not say how much that is, a partition that
 * lacks something is not compared. Duplicates, foreign and corrupted records count as soon as a group has read them.
 *
 * Kafka's transactions add a marker to each partition they touch, and messages of aborted ones take offsets too: there is no
 * upper bound then.
 */
export function agreeWithBroker(evidence: AgreementEvidence): BrokerAgreement {
  const { before, after, acknowledged, unknownFate, groups, given, pending, transactions, namePlace } = evidence;
  const start = new Map(before.map((one) => [keyOf(one), one.end]));
  const end = new Map(after.map((one) => [keyOf(one), one]));
  const expected = new Map<string, Expected>();
  for (const one of before) expected.set(keyOf(one), nothing());
  const expect = (place: number) => {
    const key = keyOf(namePlace(place));
    const there = expected.get(key) ?? nothing();
    expected.set(key, there);
    return there;
  };
  for (const [place, count] of acknowledged) expect(place).acknowledged += count;
  for (const [place, count] of unknownFate) expect(place).unknownFate += count;
  for (const [place, count] of given) expect(place).given += count;
  for (const [place, count] of pending.byPlace) expect(place).pending += count;

  const total = { partitions: 0, notCompared: 0, grown: 0, acknowledged: 0, unknownFate: 0 };
  const disagreements: BrokerAgreement['disagreements'] = [];
  for (const [key, sent] of expected) {
    const to = end.get(key);
    // It may have been there before the run, closed, with what it held: no more is known than that it holds enough.
    const isAdded = to?.isAdded === true && !start.has(key);
    const from = isAdded ? 0 : start.get(key);
    if (from === undefined || to === undefined) {
      total.notCompared += 1;
      continue;
    }
    if (sent.pending > 0 && !pending.isKnown) {
      total.notCompared += 1;
      continue;
    }
    const stored = Math.max(0, sent.acknowledged - mostLost(groups, to));
    const least = Math.max(0, stored - sent.pending);
    const most = transactions || isAdded ? undefined : Math.max(stored + sent.unknownFate, sent.given);
    const grown = Math.max(0, to.end - from);
    total.partitions += 1;
    total.grown += grown;
    total.acknowledged += sent.acknowledged;
    total.unknownFate += sent.unknownFate;
    const reason = reasonOf(grown, least, most, to.end < from);
    if (reason === undefined) continue;
    const { topic, partition } = to;
    disagreements.push({ topic, partition, grown, least, ...(most !== undefined && { most }), reason });
  }
  return {
    ...total,
    agrees: disagreements.length === 0 && total.notCompared === 0,
    ...(transactions && {
      note: 'transaction markers and aborted messages take offsets too, so a partition may have grown by more',
    }),
    disagreements,
  };
}

function reasonOf(grown: number, least: number, most: number | undefined, wentBack: boolean): string | undefined {
  if (wentBack) return 'the end offset decreased: the log was truncated, or the topic re-created';
  if (grown < least) return `${least - grown} messages that must be there are not`;
  if (most !== undefined && grown > most) return `${grown - most} offsets more than anything sent explains`;
  return undefined;
}

function mostLost(groups: readonly GroupAccount[], { topic, partition }: PartitionLogOffsets): number {
  if (groups.length === 0) return 0;
  const isHere = (one: { topic: string; partition: number }) => one.topic === topic && one.partition === partition;
  return Math.max(...groups.map(({ places }) => places.find(isHere)?.lost ?? 0));
}

const keyOf = ({ topic, partition }: { topic: string; partition: number }) => `${topic} ${partition}`;
