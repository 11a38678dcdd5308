// Renders the JVM runs as a table: one run with its version, or several runs with their logs.

import { basename } from 'node:path';
import type { Run } from './gc-report.ts';
import { durationText } from '../../core/text/duration-text.ts';
import { countText, ifKnown, percentText } from '../../core/text/quantity-text.ts';
import { columnsOf, tableLines } from '../../core/text/table.ts';

/** @returns runs with the longest pauses, in the order of the logs; the first line is the header */
export function renderRunsTable(runs: readonly Run[], mostRows: number): string[] {
  const isOne = runs.length === 1;
  const shown = new Set(runs.toSorted((a, b) => longestOf(b) - longestOf(a)).slice(0, mostRows));
  return tableLines(
    columnsOf([
      isOne ? 'JVM' : 'log',
      'collector',
      'started',
      '>age',
      '>pauses',
      '>longest',
      '>full GC',
      '>throughput',
    ]),
    runs
      .filter((run) => shown.has(run))
      .map((run) => [
        isOne ? run.jvmVersion?.replace(/[-+].*/, '') : run.log && shortened(basename(run.log)),
        run.collector,
        run.startedAt?.replace(/\.\d+Z$/, 'Z'),
        ifKnown(run.uptimeSeconds, durationText),
        ifKnown(run.pauses?.count, countText),
        ifKnown(run.pauses?.maxSeconds, durationText),
        countText(run.fullGc.count),
        ifKnown(run.throughput, percentText),
      ]),
  );
}

const longestOf = ({ pauses }: Run) => pauses?.maxSeconds ?? 0;

/** RocketMQ appends the process id and the date to its log names. */
const longestName = 22;
const shortened = (name: string) => (name.length > longestName ? `…${name.slice(1 - longestName)}` : name);
