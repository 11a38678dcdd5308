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
import type { ReassignView } from '../../app/change/reassign/carry-on.ts';
import { lineWriter } from '../../app/caller.ts';
import type { Progress, Waiting } from '../../ops/kafka/execute/run.ts';
import { knowsUnicode } from '../dry-run/draw-curve.ts';
import { progressBar, progressLine } from '../progress-bar.ts';
import type { ReassignIo } from './reassign-options.ts';

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

/** Shows the progress of a reassignment on a terminal or in a log. */
export function reassignView(io: Pick<ReassignIo, 'clock' | 'stderr' | 'environment'>): ReassignView {
  const line = progressLine(io.stderr);
  const tell = lineWriter(io);
  let shown = '';
  let last: Progress | undefined;
  const begun = io.clock.monotonic();
  return {
    tell(text) {
      line.clear();
      tell(text);
    },
    progress(progress) {
      if ('replicas' in progress) last = progress;
      const text = progressText(progress, last, io, io.clock.monotonic() - begun);
      // A log gets no repeated lines.
      if (io.stderr.isTerminal || text.key !== shown) line.show(text.line);
      shown = text.key;
    },
    clear: () => line.clear(),
  };
}

/** @returns `3 of 4 replicas copied`, `2 of 24 replicas removed`, or both */
export function countsText({ replicas, removed }: Pick<Progress, 'replicas' | 'removed'>): string {
  return [
    ...(replicas.all > 0 || removed === undefined ? [`${replicas.done} of ${replicas.all} replicas copied`] : []),
    ...(removed === undefined ? [] : [`${removed.done} of ${removed.all} replicas removed`]),
  ].join(', ');
}

/** @param counts of the last progress; absent before the first */
function progressText(
  progress: Progress | Waiting,
  counts: Progress | undefined,
  { stderr, environment }: Pick<ReassignIo, 'stderr' | 'environment'>,
  elapsed: number,
): { line: string; key: string } {
  const share = counts === undefined ? undefined : shareOf(counts);
  const isPlain = !knowsUnicode(environment);
  const bar = share !== undefined && stderr.isTerminal ? progressBar(share, stderr.columns, { isPlain }) : undefined;
  const known = counts === undefined || share === undefined ? [] : [`${Math.floor(100 * share)}%`, countsText(counts)];
  const { held } = progress;
  const waits = held === undefined ? [] : [`waits: ${held}`];
  return {
    line: [bar, [...known, ...movingText(progress), `${Math.round(elapsed)} s`, ...waits].join(', ')]
      .filter(Boolean)
      .join(' '),
    key: [...known, ...waits].join(', '),
  };
}

function shareOf({ replicas, bytes, removed }: Progress): number {
  if (bytes.all > 0) return bytes.done / bytes.all;
  if (replicas.all > 0) return replicas.done / replicas.all;
  return removed === undefined ? 1 : removed.done / removed.all;
}

function movingText(progress: Progress | Waiting): string[] {
  if (!('moving' in progress)) return [];
  const { moving, throttleBytesPerSecond: rate } = progress;
  return [`${moving} move`, ...(rate === undefined ? [] : [`throttle ${byteRateText(rate)}`])];
}
