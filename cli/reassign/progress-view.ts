// Shows the progress of a reassignment on a terminal or in a log.

import type { ReassignView } from '../../app/change/reassign/carry-on.ts';
import { lineWriter } from '../../app/caller.ts';
import type { Progress, Waiting } from '../../ops/kafka/execute/run.ts';
import { byteRateText } from '../../core/text/quantity-text.ts';
import { knowsUnicode } from '../dry-run/draw-curve.ts';
import { progressBar, progressLine } from '../progress-bar.ts';
import type { ReassignIo } from './reassign-options.ts';

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
