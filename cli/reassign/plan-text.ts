// Renders a reassignment as text: moves against the minimum, waves and findings.

import type { Finding } from '../../core/documents/analysis.ts';
import { spacedSeconds } from '../../ops/kafka/live/writes-wait.ts';
import { movesUndo } from '../../ops/kafka/execute/carry-out.ts';
import type { Span } from '../../ops/kafka/reassign/pace.ts';
import type { Reassignment, ReassignmentWave } from '../../ops/kafka/reassign/plan-reassignment.ts';
import { columnsOf, plain, renderTable } from '../../core/text/table.ts';
import type { Executed } from '../../app/change/reassign/execute-plan.ts';
import { durationText } from '../../core/text/duration-text.ts';
import { byteRateText, bytesText, ifKnown, percentText, pluralText } from '../../core/text/quantity-text.ts';

/** More are only in the document of --json. */
const mostShown = 20;

export function planText(plan: Reassignment, findings: readonly Finding[]): string {
  const { moves, lowerBound, gap, waves, etaSeconds } = plan;
  const bytes = moves.bytes === undefined ? '' : ` with ${bytesText(moves.bytes)}`;
  const removed =
    moves.removed === undefined ? '' : ` ${pluralText(moves.removed, 'replica is', 'replicas are')} removed;`;
  const leastBytes = lowerBound.bytes === undefined ? '' : `, and ${bytesText(lowerBound.bytes)}`;
  const spaced = spacedSeconds(findings);
  // A share of zero does not exist.
  const share = gap > 0 && (lowerBound.bytes ?? lowerBound.replicas) === 0 ? '' : `${percentText(gap)} `;
  return [
    `${pluralText(moves.replicas, 'replica moves', 'replicas move')}${bytes};${removed} ${pluralText(moves.leaders, 'partition gets', 'partitions get')} another preferred leader.`,
    `An even plan moves at least ${pluralText(lowerBound.replicas, 'replica')}${leastBytes}; this one is ${share}above that.`,
    ...(etaSeconds && etaSeconds.high > spaced ? [`The waves take ${spanText(etaSeconds)}.`] : []),
    ...(spaced > (etaSeconds?.mid ?? 0)
      ? [
          `The change takes at least ${durationText(spaced)}, because leader changes and ends of moves are spaced (--delayed-writes).`,
        ]
      : []),
    '',
    ...(waves.length === 0 ? [] : [waveTable(waves.slice(0, mostShown))]),
    ...(waves.length > mostShown ? [`and ${waves.length - mostShown} more waves; --json shows all\n`] : []),
    ...findings.map(({ severity, message }) => `${severity}: ${plain(message)}`),
    '',
    '--json prints the plan, its waves and the rollback; --files writes them for kafka-reassign-partitions.sh, --execute carries them out.',
    `undo (--abort): ${movesUndo.description}`,
    '',
  ].join('\n');
}

function waveTable(waves: readonly ReassignmentWave[]): string {
  return renderTable(
    columnsOf(['>wave', '>partitions', '>size', '>throttle', 'takes']),
    waves.map(({ partitions, bytes, throttleBytesPerSecond, etaSeconds }, index) => [
      String(index + 1),
      String(partitions.length),
      ifKnown(bytes, bytesText),
      ifKnown(throttleBytesPerSecond, byteRateText),
      etaSeconds && spanText(etaSeconds),
    ]),
  );
}

function spanText({ low, mid, high }: Span): string {
  return `${durationText(mid)} (${durationText(low)} to ${durationText(high)})`;
}

export function executedText({ result, state, kept }: Executed): string {
  if (result.kind === 'paused')
    return `Paused between two waves. Continue with --resume, roll back with --abort; the state is in ${kept}.\n`;
  const outcomeText = result.kind === 'done' ? 'Done.' : 'Rolled back.';
  return [
    outcomeText,
    ...(state.checks.after?.findings ?? []).map(({ severity, message }) => `${severity}: ${plain(message)}`),
    `The checks before and after are in ${kept}.`,
    '',
  ].join('\n');
}
