// Finds a load test that another service with the same history has started and whose bundle is still being written.

import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { outputFile } from '../../app/load-test/separate-run.ts';
import type { HistoryEntry } from '../../core/documents/history-entry.ts';
import type { HistoryReader } from '../history/history.ts';

/**
 * A bundle is written every second, and before it the checks write to the output file. Includes the clock difference of
 * two machines.
 */
const silentMs = 5 * 60_000;
/** A longer load test is known only to the service that started it. */
const lookBackMs = 7 * 86_400_000;

/**
 * @param isOwn whether this service started the test of that folder
 * @returns the first running test
 */
export function testOfOthers(
  history: Pick<HistoryReader, 'entries'>,
  isOwn: (directory: string) => boolean,
  nowMs: number,
) {
  const sinceMs = nowMs - lookBackMs;
  const started = history.entries({ change: 'load-test-started', sinceMs, limit: 500 });
  return started
    .toReversed()
    .flatMap(({ id, at, cluster, evidence, by }) => {
      if (cluster === undefined || evidence === undefined || isOwn(evidence)) return [];
      // A test that just started has no files yet.
      const isNew = nowMs - Date.parse(at) < silentMs;
      if (!(isNew || isWritten(evidence, nowMs)) || hasEnded(history, { id, cluster, evidence })) return [];
      return [{ entry: id, cluster, by: by.name, startedAt: at }];
    })
    .at(0);
}

/**
 * Whether the history has its verdict, its failure, or its end after a stop; an entry that only requests the stop has
 * no `after`.
 */
function hasEnded(
  history: Pick<HistoryReader, 'entries'>,
  { id, cluster, evidence }: { id: number; cluster: string; evidence: string },
): boolean {
  const ofTest = new Set<string | undefined>([evidence, outputFile({ directory: evidence })]);
  const isEnd = ({ kind, document, evidence: of }: HistoryEntry) =>
    ofTest.has(of) &&
    (kind === 'test' ||
      (kind === 'change' &&
        (document.what === 'load-test-failed' ||
          (document.what === 'load-test-stopped' && document.after !== undefined))));
  return history.entries({ cluster, kinds: ['test', 'change'], afterId: id, limit: 500 }).some(isEnd);
}

/** @param directory of a bundle; the output of the process is in a file beside it */
function isWritten(directory: string, nowMs: number): boolean {
  const files = [outputFile({ directory }), ...namesIn(directory).map((name) => join(directory, name))];
  const newest = Math.max(0, ...files.map((file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0));
  return nowMs - newest < silentMs;
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
