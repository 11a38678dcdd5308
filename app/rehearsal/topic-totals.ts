// Adds up the acknowledged messages of each topic of a run, from its journal, without the warm-up.

import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { JournalLine } from '../../core/documents/run-bundle.ts';
import { parseJson } from '../../core/text/parse-json.ts';

/** @returns by topic, in the order of the names */
export async function readTopicTotals(directory: string, topics: readonly string[]): Promise<number[]> {
  const totals = topics.map(() => 0);
  let begins: number | undefined;
  const lines = createInterface({ input: createReadStream(join(directory, 'journal.ndjson')) });
  for await (const text of lines) {
    const { data: line } = JournalLine.safeParse(parseJson(text));
    if (line?.kind === 'step-started') begins ??= line.elapsedSeconds;
    if (line?.kind !== 'produced' || begins === undefined || line.elapsedSeconds - line.intervalSeconds / 2 < begins)
      continue;
    if (line.topics === undefined) totals[0] = (totals[0] ?? 0) + line.acknowledged;
    for (const { topic, acknowledged } of line.topics ?? []) {
      const index = topics.indexOf(topic);
      if (index >= 0) totals[index] = (totals[index] ?? 0) + acknowledged;
    }
  }
  return totals;
}
