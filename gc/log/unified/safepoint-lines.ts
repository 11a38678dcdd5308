// Parses safepoint lines: duration of a stop, and its operation.

import type { Stop } from '../gc-event.ts';
import { decimal } from '../quantity.ts';

type SafepointLine = Omit<Stop, 'kind' | 'start'>;

/** Format since JDK 13, in one line. */
const safepoint =
  /^Safepoint "([^"]{1,80})", .{0,200}?Reaching safepoint: {1,12}?(\d{1,19}) ns, .{0,200}?Total: {1,12}?(\d{1,19}) ns/;

/** Format until JDK 12; an earlier line has the operation. */
const stopped =
  /^Total time for which application threads were stopped: ([\d.,E-]{1,24}) seconds, Stopping threads took: ([\d.,E-]{1,24}) seconds\s*$/;

const forGc =
  /^(?:G1|Gen(?:Collect)|Serial(?:Collect|GC)|Parallel(?:Collect|GC)|CollectFor|CGC_|CMS_|[XZ](?:Mark|Relocate|Operation|Verify)|Shenandoah|GC_)/;

const isForGc = (operation: string): boolean => forGc.test(operation);

export function parseSafepointLine(message: string): SafepointLine | undefined {
  const [, operation, reaching, total] = safepoint.exec(message) ?? [];
  if (operation === undefined) return undefined;
  return {
    totalSeconds: Number(total) / 1e9,
    timeToSafepointSeconds: Number(reaching) / 1e9,
    operation,
    isForGc: isForGc(operation),
  };
}

export function parseStoppedLine(message: string, operation: string | undefined): SafepointLine | undefined {
  const match = stopped.exec(message);
  if (match === null) return undefined;
  const [totalSeconds = Number.NaN, timeToSafepointSeconds = Number.NaN] = match
    .slice(1)
    .map((figure) => decimal(figure));
  if (!Number.isFinite(totalSeconds) || !Number.isFinite(timeToSafepointSeconds)) return undefined;
  return {
    totalSeconds,
    timeToSafepointSeconds,
    ...(operation !== undefined && { operation, isForGc: isForGc(operation) }),
  };
}

export const enteredOperation = (message: string): string | undefined =>
  /^Entering safepoint region: (\S{1,80})/.exec(message)?.[1];
