// Computes what one consumer group missed, received twice or received corrupted, in total and by partition.

import { messageFaults, type GroupAccount } from '../../core/documents/delivery-account.ts';
import type { GroupDeliveries, PartitionDeliveries } from './group-deliveries.ts';
import { without } from './number-range.ts';
import type { PendingMessages } from './pending-messages.ts';
import { known, type SentMessages } from './sent-messages.ts';
import type { PartitionNamer } from './topic-place.ts';
import type { UnreadOffsets } from './unread-offsets.ts';

interface GroupEvidence {
  group: string;
  given: GroupDeliveries;
  /** Acknowledged messages that were not received: the total, and by place where the place is known. */
  missing: number;
  missingIn: ReadonlyMap<number, number>;
  /** Sent messages by attempt. */
  sent: ReadonlyMap<number, SentMessages>;
  pending: PendingMessages;
  /** @returns how many offsets of a place the group has not read */
  unreadIn(place: number, passed: PartitionDeliveries['passed'] | undefined): UnreadOffsets;
  namePlace: PartitionNamer;
}

type Faults = Omit<GroupAccount['places'][number], 'topic' | 'partition'>;

const faultNames = [...messageFaults, 'expired', 'foreign'] as const satisfies (keyof Faults)[];

const nothingUnread: UnreadOffsets = { all: 0, expired: 0 };

export function accountOfGroup(evidence: GroupEvidence): GroupAccount {
  const { group, given, missing, missingIn, pending, unreadIn, namePlace } = evidence;
  const places: GroupAccount['places'] = [];
  const total = Object.fromEntries(faultNames.map((name) => [name, 0])) as Record<(typeof faultNames)[number], number>;
  let placed = 0;
  for (const place of new Set([...missingIn.keys(), ...given.places.keys()])) {
    const name = namePlace(place);
    const of = given.places.get(place);
    const absent = missingIn.get(place) ?? 0;
    placed += absent;
    const unread = absent === 0 ? nothingUnread : unreadIn(place, of?.passed);
    const there = Math.min(absent, unread.all);
    const keptBack = Math.min(absent - there, pending.byPlace.get(place) ?? 0);
    const found: Faults = {
      ...of,
      lost: absent - there - keptBack,
      unread: pending.isKnown ? there : there + keptBack,
      expired: Math.min(there, unread.expired),
      pending: pending.isKnown ? keptBack : 0,
    };
    const said = faultNames.flatMap((fault) => ((found[fault] ?? 0) > 0 ? [[fault, found[fault] ?? 0] as const] : []));
    for (const [fault, count] of said) total[fault] += count;
    if (said.length > 0) places.push({ ...name, ...Object.fromEntries(said) });
  }
  const { pending: pendingTotal, expired, ...totals } = total;
  return {
    group,
    received: [...given.received.values()].reduce((sum, { count }) => sum + count, 0),
    ...totals,
    ...(pendingTotal > 0 && { pending: pendingTotal }),
    ...(expired > 0 && { expired }),
    // Journal lines that held their partition are gone: it is unknown whether the group read past them.
    unread: total.unread + missing - placed,
    ...unacknowledged(evidence),
    places: places.sort((a, b) =>
      a.topic === b.topic ? (a.partition ?? -1) - (b.partition ?? -1) : a.topic < b.topic ? -1 : 1,
    ),
  };
}

/** Counts messages that the group received but that were never reported as acknowledged. */
function unacknowledged({ given, sent }: GroupEvidence) {
  const counts = { unknownFateButDelivered: 0, refusedButDelivered: 0, untoldButDelivered: 0 };
  for (const [attempt, received] of given.received) {
    const sentMessages = sent.get(attempt);
    if (sentMessages === undefined) {
      counts.untoldButDelivered += received.count;
      continue;
    }
    const { acknowledged, refused } = sentMessages;
    for (const [from, to] of known(without(received.ranges(), acknowledged.ranges()), [acknowledged])) {
      const refusedHere = refused.countIn(from, to);
      const sentHere = sentMessages.sent.countIn(from, to);
      counts.refusedButDelivered += refusedHere;
      counts.unknownFateButDelivered += sentHere - refusedHere;
      counts.untoldButDelivered += to - from - sentHere;
    }
  }
  return counts;
}
