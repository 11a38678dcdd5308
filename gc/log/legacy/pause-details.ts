// Parses the lines after a pause record: G1's Eden line and CPU times.

import type { Pause } from '../gc-event.ts';
import { decimal } from '../quantity.ts';
import { number, parseSize, size } from './quantity.ts';

const cpuTimes = new RegExp(` ?\\[Times: user=(${number}) sys=(${number}), real=(${number}) secs\\] ?`, 'y');

/** @returns the index after the times, or undefined if there are none at `at` */
export function readTimes(line: string, at: number, pause?: Pause): number | undefined {
  cpuTimes.lastIndex = at;
  const match = cpuTimes.exec(line);
  if (match === null) return undefined;
  const [, user, system, real] = match;
  if (pause !== undefined && user !== undefined && system !== undefined && real !== undefined) {
    pause.cpu = { userSeconds: decimal(user), systemSeconds: decimal(system), realSeconds: decimal(real) };
  }
  return cpuTimes.lastIndex;
}

/*
 *    [Eden: 8192.0K(8192.0K)->0.0B(7168.0K) Survivors: 0.0B->1024.0K Heap: 8192.0K(160.0M)->7768.0K(160.0M)]
 * Full collections add `, [Metaspace: 2659K->2659K(1056768K)]`.
 */
const eden = new RegExp(
  `\\[Eden: (${size})\\(${size}\\)->(${size})\\(${size}\\) Survivors: (${size})->(${size}) ` +
    `Heap: (${size})\\(${size}\\)->(${size})\\((${size})\\)\\]`,
);

/** @returns whether the line is an Eden line */
export function readEdenLine(line: string, pause: Pause): boolean {
  const match = eden.exec(line);
  if (match === null) return false;
  const [edenBefore, edenAfter, survivorsBefore, survivorsAfter, heapBefore, heapAfter, committed] = match
    .slice(1)
    .map(parseSize) as [number, number, number, number, number, number, number];
  pause.heap = { beforeBytes: heapBefore, afterBytes: heapAfter, committedBytes: committed };
  // Eden and survivors are whole regions, the heap is bytes: partly filled regions make the rest slightly too small.
  const oldBefore = Math.max(0, heapBefore - edenBefore - survivorsBefore);
  const oldAfter = Math.max(0, heapAfter - edenAfter - survivorsAfter);
  const evacuatesYoungOnly = pause.type === 'Pause Young (Normal)' || pause.type === 'Pause Young (Concurrent Start)';
  if (evacuatesYoungOnly) pause.promotedBytes = Math.max(0, oldAfter - oldBefore);
  return true;
}
