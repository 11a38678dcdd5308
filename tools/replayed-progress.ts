// Replays the journal of a run to the progress line, up to a share of the run.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readRunDocument } from '../analyzer/evidence/importers/bundle.ts';
import { createRunProgress } from '../cli/run-progress.ts';
import { TelemetryRecord } from '../core/documents/evidence/telemetry.ts';
import { readJournalLines } from '../loadgen/record/bundle/journal-lines.ts';
import { watchBusiestResource } from '../loadgen/record/busiest-resource.ts';
import { createRunProgressSum } from '../loadgen/record/run-progress-sum.ts';
import type { Utilisation } from '../loadgen/record/utilisation.ts';

const columns = 132;
const eraseLine = '\r\u001b[2K';

/** @param share share of the run after which the progress is rendered */
export async function replayProgress(directory: string, share: number): Promise<string> {
  const { signal } = new AbortController();
  const document = await readRunDocument(directory, signal);
  if (document.origin !== 'load-test') throw new Error(`${directory} is not of a load test`);
  const { id, steps, warmUpSeconds } = document;
  const total = steps.reduce((sum, { durationSeconds }) => sum + durationSeconds, warmUpSeconds);
  let text = '';
  const output = { write: (more: string) => void (text += more), isTerminal: true, columns };
  const tell = createRunProgress(output, { colours: true, isPlain: false });
  const groups = new Set<string>();
  const lines = (await Array.fromAsync(readJournalLines(join(directory, 'journal.ndjson'), { signal }))).map(
    ({ line }) => line,
  );
  for (const line of lines) if (line.kind === 'consumed') groups.add(line.group);
  const sum = createRunProgressSum([...groups]);
  tell({ kind: 'started', id, topic: document.workload.topic ?? '', directory: `runs/${id}` });
  const busiestOf = watchBusiestResource(document.environment);
  const telemetry = Map.groupBy(await readTelemetry(directory), ({ elapsedSeconds }) => Math.round(elapsedSeconds));
  let busiest: Utilisation | undefined;
  let second = 1;
  for (const line of lines) {
    if (line.elapsedSeconds > share * total) break;
    if (line.elapsedSeconds > second + 0.5) {
      const step = sum.stepAt(second - 0.5);
      busiest = busiestOf(telemetry.get(second) ?? []) ?? busiest;
      tell({
        kind: 'second',
        elapsedSeconds: second,
        leftSeconds: total - second,
        ...(step && { step: step.index + 1 }),
        steps: steps.length,
        interval: sum.takeInterval(step?.target ?? {}, []),
        lagMessages: sum.lagMessages(),
        ...(busiest && { busiest }),
      });
      second = Math.floor(line.elapsedSeconds);
    }
    sum.add(line);
    if (line.kind === 'step-ended') {
      tell({ kind: 'step-ended', step: line.step + 1, steps: steps.length, summary: sum.step(line.step) });
    }
  }
  return shown(text);
}

async function readTelemetry(directory: string): Promise<TelemetryRecord[]> {
  const text = await readFile(join(directory, 'telemetry.ndjson'), 'utf8');
  const lines = text.slice(0, text.lastIndexOf('\n')).split('\n');
  return lines.map((line) => TelemetryRecord.parse(JSON.parse(line)));
}

/** Returns the visible text of lines that were overwritten. */
const shown = (text: string): string =>
  text
    .split('\n')
    .map((line) => line.split(eraseLine).at(-1) ?? '')
    .join('\n');
