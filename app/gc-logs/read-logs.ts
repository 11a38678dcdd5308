// Reads each log to its end; failing files are reported and skipped.

import { createGcLogParser } from '../../gc/log/gc-log-parser.ts';
import { readStoredLog } from '../../gc/log/stored-log.ts';
import type { GcFigures } from '../../gc/report/gc-figures.ts';
import type { InputFile } from '../../gc/report/gc-report.ts';
import { damageTexts, refusals, type Inputs } from './find-logs.ts';

/**
 * @param options.figures each receives every event
 * @returns the outcome of each file, successful ones first
 */
export async function readLogs(
  { logs, problems }: Inputs,
  options: { figures: readonly GcFigures[]; signal: AbortSignal; onProgress(readBytes: number): void },
): Promise<InputFile[]> {
  const { figures, signal } = options;
  const files: InputFile[] = [];
  let readBytes = 0;

  async function* counted(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of source) {
      signal.throwIfAborted();
      readBytes += chunk.length;
      options.onProgress(readBytes);
      yield chunk;
    }
  }

  for (const log of logs) {
    const parser = createGcLogParser({
      event: (event) => figures.forEach((each) => each.event(event)),
      unparsed: (line) => figures.forEach((each) => each.unparsed(line)),
    });
    figures.forEach((each) => each.beginLog(log.name));
    for (const { path, open } of log.files) {
      const before = readBytes;
      const problem = await readStoredLog(counted(open()), parser).then(
        (stored) =>
          stored.kind === 'not-a-gc-log' ? refusals[stored.why] : stored.damage && damageTexts[stored.damage],
        (cause: unknown) => {
          signal.throwIfAborted();
          return (cause as Error).message;
        },
      );
      files.push({ path, bytes: readBytes - before, ...(problem !== undefined && { problem }) });
    }
    parser.end();
    figures.forEach((each) => each.endLog(parser.lastMoment()));
  }
  return [...files, ...problems];
}
