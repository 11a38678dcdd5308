// Reports lost, duplicated and corrupted messages with their counts.

import { defined } from '../../../core/defined.ts';
import type { Finding } from '../../../core/documents/analysis.ts';
import type { DeliveryAccount, GroupAccount } from '../../../core/documents/delivery-account.ts';
import { findingOf } from '../../../core/documents/findings/findings.ts';

const faults = [
  'lost',
  'corrupted',
  'duplicated',
  'rewritten',
  'unread',
  'expired',
  'pending',
  'reordered',
  'late',
  'redelivered',
] as const satisfies readonly Exclude<keyof GroupAccount['places'][number], 'topic' | 'partition'>[];
type Fault = (typeof faults)[number];

/** Limits the list of partitions; the others are only counted. */
const mostPlaces = 10;

export function deliveryFindings(ledger: DeliveryAccount | undefined): Finding[] {
  if (ledger === undefined) return [];
  const { groups, unknownFate, agreement, isExact, acknowledged, uncertainNumbers } = ledger;
  const findings: Finding[] = groups.flatMap((group) =>
    faults.flatMap((fault) => {
      const messages = countOf(group, fault);
      if (messages === 0) return [];
      return [findingOf(`messages-${fault}`, { group: group.group, messages, places: placesOf(group, fault) })];
    }),
  );
  if (unknownFate > 0) {
    const delivered = Math.max(0, ...groups.map(({ unknownFateButDelivered }) => unknownFateButDelivered));
    findings.push(findingOf('unknown-fate', { messages: unknownFate, ...(groups.length > 0 && { delivered }) }));
  }
  const disagreements = agreement?.disagreements ?? [];
  if (disagreements.length > 0) {
    const listed = disagreements.slice(0, mostPlaces);
    findings.push(findingOf('log-disagrees', { partitions: disagreements.length, disagreements: listed }));
  }
  if (!isExact) {
    findings.push(
      findingOf('ledger-inexact', uncertainNumbers === undefined ? {} : { uncertainMessages: uncertainNumbers }),
    );
  }
  if (findings.length > 0) return findings;
  const logs = agreement?.agrees === true && { partitions: agreement.partitions };
  return [findingOf('ledger-clean', { acknowledged, groups: groups.length, ...logs })];
}

/** Messages that are known to be deleted are excluded from those that a broker may still have. */
function countOf(counts: { readonly [Each in Fault]?: number | undefined }, fault: Fault): number {
  const messages = counts[fault] ?? 0;
  return fault === 'unread' ? messages - (counts.expired ?? 0) : messages;
}

function placesOf({ places }: GroupAccount, fault: Fault) {
  return places
    .flatMap(({ topic, partition, ...counts }) => {
      const messages = countOf(counts, fault);
      return messages > 0 ? [{ topic, ...defined({ partition }), messages }] : [];
    })
    .toSorted((a, b) => b.messages - a.messages)
    .slice(0, mostPlaces);
}
