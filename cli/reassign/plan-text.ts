// Renders a reassignment as text: moves against the minimum, waves and findings.

import type { Finding } from '../../core/documents/analysis.ts';
import { movesUndo } from '../../ops/kafka/execute/carry-out.ts';
import type { Span } from '../../ops/kafka/reassign/pace.ts';
import type { Reassignment, ReassignmentWave } from '../../ops/kafka/reassign/plan-reassignment.ts';
import { columnsOf, plain, renderTable } from '../../core/text/table.ts';
import type { Executed } from '../../app/change/reassign/execute-plan.ts';
import { percentText } from '../../core/text/quantity-text.ts';

/** Beyond it the document of --json is the place to read. */
const mostShown = 20;

export function planText(plan: Reassignment, findings: readonly Finding[]): string {
  const { moves, lowerBound, gap, waves, etaSeconds } = plan;
  const bytes = moves.bytes === undefined ? '' : ` with ${moves.bytes} bytes`;
  const leastBytes = lowerBound.bytes === undefined ? '' : `, and ${lowerBound.bytes} bytes`;
  return [
    `${moves.replicas} replicas move${bytes}; ${moves.leaders} partitions get another preferred leader.`,
    `An even plan moves at least ${lowerBound.replicas} replicas${leastBytes}; this one is ${percentText(gap)} above that.`,
    ...(etaSeconds ? [`The waves take ${spanText(etaSeconds)}.`] : []),
    '',
    ...(waves.length === 0 ? [] : [waveTable(waves.slice(0, mostShown))]),
    ...(waves.length > mostShown ? [`and ${waves.length - mostShown} more waves; --json shows all\n`] : []),
    ...findings.map(({ severity, message }) => `${severity}: ${plain(message)}`),
    '',
    '--json prints the plan, its waves and the rollback; --files writes them for kafka-reassign-partitions.sh, --execute carries them out.',
    `undo (--abort): ${movesUndo}`,
    '',
  ].join('\n');
}

function waveTable(waves: readonly ReassignmentWave[]): string {
  return renderTable(
    columnsOf(['>wave', '>partitions', '>bytes', '>throttle bytes/s', 'takes']),
    waves.map(({ partitions, bytes, throttleBytesPerSecond, etaSeconds }, index) => [
      String(index + 1),
      String(partitions.length),
      bytes?.toString(),
      throttleBytesPerSecond?.toString(),
      etaSeconds && spanText(etaSeconds),
    ]),
  );
}

function spanText({ low, mid, high }: Span): string {
  return `${Math.round(mid)} s (${Math.round(low)} to ${Math.round(high)})`;
}

export function executedText({ result: outcome, kept }: Pick<Executed, 'result' | 'kept'>): string {
  if (outcome.kind === 'paused')
    return `Paused between two waves. Continue with --resume, roll back with --abort; the state is in ${kept}.\n`;
  const outcomeText = outcome.kind === 'done' ? 'Done.' : 'Rolled back: all replicas are where they were.';
  return [
    outcomeText,
    ...outcome.after.map(({ severity, message }) => `${severity}: ${plain(message)}`),
    `The checks before and after are in ${kept}.`,
    '',
  ].join('\n');
}
