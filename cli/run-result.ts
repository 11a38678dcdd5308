// Prints a finished run: one document for programs, a few lines for people.

import { defined } from '../core/defined.ts';
import { placeText, type DeliveryAccount } from '../core/documents/delivery-account.ts';
import { exitCodes } from '../core/errors.ts';
import type { RunOutcome } from '../loadgen/execute/run.ts';
import { transactionLeftOpen, type CountedError } from '../loadgen/record/error-count.ts';
import { certificateText } from '../loadgen/search/certificate-text.ts';
import { thresholdLines } from '../loadgen/record/thresholds/threshold-text.ts';
import { wireText } from '../loadgen/record/wire-text.ts';
import { countText, pluralText } from '../core/text/quantity-text.ts';

export function resultDocument(outcome: RunOutcome) {
  const { id, directory, status, steps, failures, wire, certificate, ledger, deliveryUnread, thresholds } = outcome;
  const result = defined({ failures, wire, certificate, ledger, deliveryUnread, thresholds });
  return { schemaVersion: 1, run: { id, directory, status }, steps, ...result };
}

/** Returns 6 if a threshold was crossed, 3 if one is unknown. */
export function exitCodeOf({ thresholds }: RunOutcome): number {
  switch (thresholds?.outcome) {
    case 'crossed':
      return exitCodes.threshold;
    case 'unknown':
      return exitCodes.unknown;
    default:
      return exitCodes.answered;
  }
}

/** Lines for people: search result, causes of failed messages, delivery check, and thresholds. */
export const endTexts = ({ failures = [], wire, certificate, ledger, thresholds }: RunOutcome): string[] => [
  ...(certificate ? [certificateText(certificate)] : []),
  ...failures.map(failureText),
  wireText(wire),
  ...(ledger ? ledgerLines(ledger) : []),
  ...(thresholds ? thresholdLines(thresholds) : []),
];

const failureText = ({ code, cause, message, count }: CountedError) =>
  `failed: ${code === transactionLeftOpen ? '' : `${pluralText(count, 'message')}, `}${code}${cause === undefined ? '' : ` (${cause})`}: ${message}`;

function ledgerLines(account: DeliveryAccount): string[] {
  const { sent, acknowledged, refused, unknownFate, groups, isExact, agreement } = account;
  const uncertain = [
    ...(refused > 0 ? [`${countText(refused)} refused`] : []),
    ...(unknownFate > 0 ? [`${countText(unknownFate)} of unknown fate`] : []),
  ];
  const disagreements = agreement?.disagreements ?? [];
  return [
    [`delivery check: ${countText(sent)} sent`, `${countText(acknowledged)} acknowledged`, ...uncertain].join(', '),
    ...groups.map(
      (group) => `  ${group.group}: ${[`${countText(group.received)} received`, ...faults(group)].join(', ')}`,
    ),
    ...(isExact ? [] : ['  too many messages were out of order to track all: these are lower bounds']),
    ...disagreements.map((each) => `  the log of ${placeText(each)} disagrees: ${each.reason}`),
    ...(agreement?.agrees === true ? [`  the logs of ${agreement.partitions} partitions agree with these counts`] : []),
  ];
}

const named = ['lost', 'unread', 'duplicated', 'redelivered', 'rewritten', 'reordered', 'corrupted', 'late'] as const;

const faults = (group: DeliveryAccount['groups'][number]) => [
  ...(group.untoldButDelivered > 0 ? [`${countText(group.untoldButDelivered)} never reported as sent`] : []),
  ...named.flatMap((name) => (group[name] > 0 ? [`${countText(group[name])} ${name}`] : [])),
  ...(group.expired === undefined ? [] : [`${countText(group.expired)} of the unread deleted by retention`]),
];
