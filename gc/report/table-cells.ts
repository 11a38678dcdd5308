// Formats the cells that the text and the page of a GC report show alike.

import { durationText } from '../../core/text/duration-text.ts';
import { countText, ifKnown } from '../../core/text/quantity-text.ts';
import type { Figures, Step } from './gc-report.ts';

export const typeCells = ({ type, cause, count, totalSeconds, maxSeconds }: Figures['byType'][number]) => [
  type,
  cause,
  countText(count),
  durationText(totalSeconds),
  durationText(maxSeconds),
];

export const stepCells = ({ step, targetTps, pauses, fullGc }: Step) => [
  String(step + 1),
  targetTps === undefined ? '–' : countText(targetTps),
  ifKnown(pauses?.count, countText),
  ifKnown(pauses?.totalSeconds, durationText),
  ifKnown(pauses?.p99Seconds, durationText),
  ifKnown(pauses?.maxSeconds, durationText),
  countText(fullGc.count),
];
