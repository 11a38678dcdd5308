// Reports lost, duplicated and corrupted messages with their counts.

import type { Finding } from '../../../core/documents/analysis.ts';
import type { DeliveryAccount, GroupAccount } from '../../../core/documents/delivery-account.ts';
import { countText } from '../../../core/text/quantity-text.ts';

type Fault = Exclude<keyof GroupAccount['places'][number], 'topic' | 'partition'>;

const faults: readonly {
  fault: Fault;
  severity: Finding['severity'];
  says(count: string, group: string): string;
}[] = [
  {
    fault: 'lost',
    severity: 'critical',
    says: (count, group) =>
      `${count} acknowledged messages were lost: group ${group} passed where they should stand and was not given them.`,
  },
  {
    fault: 'corrupted',
    severity: 'critical',
    says: (count, group) =>
      `${count} messages came to group ${group} damaged: their checksum is not that of what was sent.`,
  },
  {
    fault: 'duplicated',
    severity: 'critical',
    says: (count, group) =>
      `${count} messages are stored more than once, as group ${group} saw. A retry without idempotence stores a message again.`,
  },
  {
    fault: 'rewritten',
    severity: 'critical',
    says: (count, group) =>
      `${count} offsets held another message when group ${group} read them again: a log was truncated and rewritten.`,
  },
  {
    fault: 'unread',
    severity: 'warning',
    says: (count, group) =>
      `${count} acknowledged messages were not read by group ${group} when the run ended; whether they are there is not known.`,
  },
  {
    fault: 'pending',
    severity: 'warning',
    says: (count, group) =>
      `${count} acknowledged messages with a delay were kept back by the broker still when the run ended: group ${group} could not be given them.`,
  },
  {
    fault: 'reordered',
    severity: 'warning',
    says: (count, group) => `${count} messages came to group ${group} behind later ones of their producer.`,
  },
  {
    fault: 'late',
    severity: 'warning',
    says: (count, group) => `${count} messages came to group ${group} later than the run allows.`,
  },
  {
    fault: 'redelivered',
    severity: 'info',
    says: (count, group) =>
      `${count} messages were given to group ${group} again from the same offset, as after a change of its members.`,
  },
];

const source = 'delivery check in result.json';
/** More partitions than this are counted and not listed. */
const mostPlaces = 10;

export function deliveryFindings(ledger: DeliveryAccount | undefined): Finding[] {
  if (ledger === undefined) return [];
  const { groups, unknownFate, agreement, isExact } = ledger;
  const findings = groups.flatMap((group) =>
    faults.flatMap(({ fault, severity, says }): Finding[] =>
      (group[fault] ?? 0) === 0
        ? []
        : [
            {
              severity,
              code: `messages-${fault}`,
              message: says(countText(group[fault] ?? 0), group.group),
              evidence: [
                { name: fault, value: group[fault] ?? 0, unit: 'messages', source },
                ...placesOf(group, fault),
              ],
            },
          ],
    ),
  );
  if (unknownFate > 0) {
    const delivered = Math.max(0, ...groups.map(({ unknownFateButDelivered }) => unknownFateButDelivered));
    const known = groups.length === 0 ? '' : ` ${countText(delivered)} of them are there.`;
    findings.push({
      severity: 'warning',
      code: 'unknown-fate',
      message: `${countText(unknownFate)} messages were neither acknowledged nor refused for certain: no answer came in time, or the connection was lost.${known}`,
      evidence: [{ name: 'unknown fate', value: unknownFate, unit: 'messages', source }],
    });
  }
  if (agreement && !agreement.agrees) findings.push(disagreement(agreement));
  if (!isExact) {
    findings.push({
      severity: 'warning',
      code: 'ledger-inexact',
      message:
        'Too many messages were out of order to keep in memory: the figures of the delivery check are lower bounds.',
      evidence: [{ name: 'uncertain', value: ledger.uncertainNumbers ?? 'unknown', unit: 'messages', source }],
    });
  }
  return findings.length > 0 ? findings : [clean(ledger)];
}

function placesOf({ places }: GroupAccount, fault: Fault) {
  return places
    .flatMap((place) => ((place[fault] ?? 0) > 0 ? [{ ...place, value: place[fault] ?? 0 }] : []))
    .toSorted((a, b) => b.value - a.value)
    .slice(0, mostPlaces)
    .map(({ topic, partition, value }) => ({ name: `${topic}-${partition}`, value, unit: 'messages', source }));
}

function disagreement({ disagreements }: NonNullable<DeliveryAccount['agreement']>): Finding {
  return {
    severity: 'critical',
    code: 'log-disagrees',
    message: [
      `The offsets of ${disagreements.length} partitions do not agree with what was acknowledged:`,
      ...disagreements.slice(0, mostPlaces).map(({ topic, partition, reason }) => `${topic}-${partition}: ${reason}`),
    ].join('\n'),
    evidence: [{ name: 'partitions', value: disagreements.length, unit: 'partitions', source }],
  };
}

function clean({ acknowledged, groups, agreement }: DeliveryAccount): Finding {
  const read =
    groups.length === 0
      ? 'no group read them'
      : `${groups.length === 1 ? 'the group was' : `all ${groups.length} groups were`} given each of them, once and in order`;
  const logs = agreement?.agrees === true ? `, and the logs of ${agreement.partitions} partitions agree` : '';
  return {
    severity: 'info',
    code: 'ledger-clean',
    message: `${countText(acknowledged)} messages were acknowledged, ${read}${logs}.`,
    evidence: [{ name: 'acknowledged', value: acknowledged, unit: 'messages', source }],
  };
}
