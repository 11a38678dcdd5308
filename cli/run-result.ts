// Prints a finished run: one document for programs, a few lines for people.

import { defined } from '../core/defined.ts';
import { placeText, type DeliveryAccount } from '../core/documents/delivery-account.ts';
import { exitCodes } from '../core/errors.ts';
import type { RunOutcome } from '../loadgen/execute/run.ts';
import { transactionLeftOpen, type CountedError } from '../loadgen/record/error-count.ts';
import { certificateText } from '../loadgen/search/certificate-text.ts';
import { countText, pluralText, changeText, percentText, quantityText } from '../core/text/quantity-text.ts';
import type { ThresholdCheck, ThresholdVerdict } from '../loadgen/record/thresholds/judge-thresholds.ts';
import { measuredText } from '../core/text/measured-text.ts';
import type { WireAccount, WireDirection } from '../core/documents/wire-account.ts';
import { beyond } from '../loadgen/record/wire-check.ts';

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

const marks = { kept: 'kept', crossed: 'CROSSED', unknown: 'not known' } as const;
const leasts: ReadonlySet<string> = new Set(['achieved', 'acknowledged']);

/** Lists crossed and unknown thresholds on separate lines, and counts the others. */
export function thresholdLines({ checks }: ThresholdVerdict): string[] {
  const kept = checks.filter(({ outcome }) => outcome === 'kept').length;
  return [
    ...checks.filter(({ outcome }) => outcome !== 'kept').map(lineOf),
    `thresholds: ${kept} of ${checks.length} kept`,
  ];
}

function lineOf({ threshold, step, outcome, value, limit, unit, reason }: ThresholdCheck): string {
  const where = step === undefined ? '' : ` in step ${step}`;
  const measured = value === undefined ? '' : ` ${measuredText(value, unit)},`;
  const wanted = `${leasts.has(threshold) ? 'at least' : 'at most'} ${measuredText(limit, unit)}`;
  return `threshold ${threshold} ${marks[outcome]}${where}:${measured} ${wanted}${reason === undefined ? '' : ` (${reason})`}`;
}

/** Renders the result of the wire check in one line. */
export function wireText(account: WireAccount): string {
  if (account.kind === 'unknown') return `bytes per message on the wire: unknown, because ${account.reason}`;
  const compared = account.directions
    .map((each) => {
      const { direction, observedBytesPerMessage, leastBytesPerMessage, mostBytesPerMessage } = each;
      const [least, most] = [quantityText(leastBytesPerMessage), quantityText(mostBytesPerMessage)];
      const off = beyond(each);
      return `${direction} ${quantityText(observedBytesPerMessage)}, by arithmetic ${least === most ? least : `${least} to ${most}`}${off === 0 ? '' : ` (${changeText(off)})`}`;
    })
    .join('; ');
  const allowed = `${percentText(account.toleranceRatio)} allowed`;
  return account.kind === 'matches'
    ? `bytes per message on the wire: ${compared}; ${allowed}`
    : `NO EVIDENCE: bytes per message on the wire do not match the messages: ${compared}; ${allowed}. ${causes(account.directions)}`;
}

function causes(directions: readonly WireDirection[]): string {
  if (directions.every(({ observedBytesPerMessage: seen, leastBytesPerMessage: least }) => seen < 0.1 * least))
    return 'They passed no monitored network card: if a broker and the load generator share a machine, set loadgen.host to the name of its host; else cards are missing from the config';
  const farthest = directions.toSorted((a, b) => Math.abs(beyond(b)) - Math.abs(beyond(a)))[0];
  return farthest !== undefined && beyond(farthest) < 0
    ? 'Replicas or groups lag, cards are missing from the config, or a broker is mapped to the wrong host'
    : 'Others use the same cards, messages were sent again, or a broker is mapped to the wrong host';
}
