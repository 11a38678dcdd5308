// What does a finished run print? One document for programs, a few lines for people.

import type { DeliveryAccount } from '../core/delivery-account.ts';
import type { RunOutcome } from '../loadgen/run.ts';
import { certificateText } from '../loadgen/search/certificate-text.ts';

export const resultDocument = ({ id, directory, status, steps, certificate, ledger }: RunOutcome) => ({
  schemaVersion: 1,
  run: { id, directory, status },
  steps,
  ...(certificate && { certificate }),
  ...(ledger && { ledger }),
});

/** Lines for people: what a search found, and what became of every message. */
export const endTexts = ({ certificate, ledger }: RunOutcome): string[] => [
  ...(certificate ? [certificateText(certificate)] : []),
  ...(ledger ? ledgerLines(ledger) : []),
];

function ledgerLines({
  sent,
  acknowledged,
  refused,
  unknownFate,
  groups,
  isExact,
  agreement,
}: DeliveryAccount): string[] {
  const uncertain = [
    ...(refused > 0 ? [`${count(refused)} refused`] : []),
    ...(unknownFate > 0 ? [`${count(unknownFate)} of unknown fate`] : []),
  ];
  const disagreements = agreement?.disagreements ?? [];
  return [
    [`ledger: ${count(sent)} sent`, `${count(acknowledged)} acknowledged`, ...uncertain].join(', '),
    ...groups.map((group) => `  ${group.group}: ${[`${count(group.received)} received`, ...faults(group)].join(', ')}`),
    ...(isExact ? [] : ['  more was out of order than is kept in memory: these are lower bounds']),
    ...disagreements.map(({ topic, partition, reason }) => `  the log of ${topic}-${partition} disagrees: ${reason}`),
    ...(agreement?.agrees === true ? [`  the logs of ${agreement.partitions} partitions agree`] : []),
  ];
}

const named = ['lost', 'unread', 'duplicated', 'redelivered', 'rewritten', 'reordered', 'corrupted', 'late'] as const;

const faults = (group: DeliveryAccount['groups'][number]) =>
  named.flatMap((name) => (group[name] > 0 ? [`${count(group[name])} ${name}`] : []));

const count = (value: number) => value.toLocaleString('en');
