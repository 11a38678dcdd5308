// Parses the last line of concurrent work.
// `Concurrent Mark Cycle 42.463ms`, `Minor Collection (Warmup) 20M(20%)->14M(14%) 0.018s`

import type { Concurrent } from '../gc-event.ts';
import { bytesOf, decimal } from '../quantity.ts';
import { figure, size } from './quantities.ts';

export type ConcurrentLine = Pick<Concurrent, 'type' | 'cause' | 'isCycle' | 'aborted' | 'heap' | 'durationSeconds'>;

const percent = String.raw`\(${figure}%\)`;
const zCycleEnd = new RegExp(
  String.raw`^((?:Garbage|Minor|Major) Collection|(?:Young|Old) Generation)((?: \([^()]{0,60}\)){0,2})(?: (Aborted)| ${size}${percent}->${size}${percent}(?: (${figure})s)?)\s*$`,
);

/** `Concurrent Mark (0.082s, 0.085s) 2.9ms` contains start and end, which repeat its stamp and duration. */
const phaseEnd = new RegExp(
  String.raw`^(Concurrent [A-Za-z][A-Za-z -]{0,60}?)(?: \((${figure}s, ${figure}s|[^()]{1,60})\))?(?: \(unload classes\))?(?: ${size}->${size}\(${size}\))? (${figure}) ?ms\s*$`,
);

const cycles = new Set(['Concurrent Cycle', 'Concurrent Mark Cycle', 'Concurrent Undo Cycle']);
const kinds = new Set(['Young', 'Old', 'Global']);

export function parseZCycleLine(message: string): ConcurrentLine | undefined {
  const match = zCycleEnd.exec(message);
  if (match === null) return undefined;
  const [, type = '', brackets = '', aborted, before, beforeUnit, after, afterUnit, seconds] = match;
  const isCycle = type.endsWith('Collection');
  const cause = / \(([^()]+)\)$/.exec(brackets)?.[1];
  return {
    type,
    isCycle,
    aborted: aborted !== undefined,
    ...(cause !== undefined && { cause }),
    ...(seconds !== undefined && { durationSeconds: decimal(seconds) }),
    ...((isCycle || type === 'Young Generation') &&
      before &&
      beforeUnit &&
      after &&
      afterUnit && { heap: { beforeBytes: bytesOf(before, beforeUnit), afterBytes: bytesOf(after, afterUnit) } }),
  };
}

export function parsePhaseLine(message: string): ConcurrentLine | undefined {
  const match = phaseEnd.exec(message);
  if (match === null) return undefined;
  const [, name = '', remark, before, beforeUnit, after, afterUnit, committed, committedUnit, ms = ''] = match;
  const line: ConcurrentLine = {
    type: remark !== undefined && kinds.has(remark) ? `${name} (${remark})` : name,
    isCycle: cycles.has(name),
    aborted: false,
    durationSeconds: decimal(ms) / 1e3,
  };
  if (before && beforeUnit && after && afterUnit && committed && committedUnit) {
    line.heap = {
      beforeBytes: bytesOf(before, beforeUnit),
      afterBytes: bytesOf(after, afterUnit),
      committedBytes: bytesOf(committed, committedUnit),
    };
  }
  return line;
}
