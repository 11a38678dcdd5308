// Follows the journal of a running load test.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { JournalLine } from '../../core/documents/run-bundle.ts';
import { startCli, type CliResult, type RunningCli } from './run-cli.ts';

export interface LoadInProgress extends RunningCli {
  directory: string;
  /** Returns complete lines only, because the last one may be partly written. */
  journal(): JournalLine[];
  /** @throws Error with the output of the command if it ended before */
  until(what: string, isSo: (journal: readonly JournalLine[]) => boolean): Promise<void>;
  /** Waits until every producer has reported the second that ends at this time. */
  untilSecond(second: number): Promise<void>;
}

export function startLoad(directory: string, words: readonly string[]): LoadInProgress {
  const { child, ended } = startCli(['run', ...words]);
  let result: CliResult | undefined;
  void ended.then((its) => (result = its));
  const journal = () => readJournal(directory);
  const until: LoadInProgress['until'] = async (what, isSo) => {
    while (!isSo(journal())) {
      if (result !== undefined) throw new Error(`the run ended before ${what}: ${result.stdout}${result.stderr}`);
      await delay(50);
    }
  };
  return {
    child,
    ended,
    directory,
    journal,
    until,
    untilSecond: (second) =>
      until(`second ${second}`, (lines) =>
        lines.some((line) => line.kind === 'produced' && line.elapsedSeconds >= second),
      ),
  };
}

export function readJournal(directory: string): JournalLine[] {
  const path = join(directory, 'journal.ndjson');
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => JournalLine.parse(JSON.parse(line)));
}

type Kind = JournalLine['kind'];

export const linesOf = <K extends Kind>(journal: readonly JournalLine[], kind: K) =>
  journal.filter((line): line is Extract<JournalLine, { kind: K }> => line.kind === kind);
