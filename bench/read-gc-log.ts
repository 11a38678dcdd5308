// Reads one GC log in a separate process, and prints its cost as the JSON line that the bench reads.

import { fileChunks } from '../gc/log/file-chunks.ts';
import { createGcLogParser } from '../gc/log/gc-log-parser.ts';
import { readStoredLog } from '../gc/log/stored-log.ts';
import { createGcFigures } from '../gc/report/gc-figures.ts';
import { makeReport } from '../gc/report/make-report.ts';

const [path = ''] = process.argv.slice(2);
const figures = createGcFigures();
const parser = createGcLogParser(figures);
const stored = await readStoredLog(fileChunks(path), parser);
parser.end();
figures.endLog(parser.lastMoment());
const bytes = stored.kind === 'gc-log' ? stored.bytes : 0;
const { pauses, unparsed } = makeReport(figures, [{ path, bytes }]);
const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
process.stdout.write(
  `${JSON.stringify({
    pauses: pauses?.count ?? 0,
    pauseSeconds: pauses?.totalSeconds ?? 0,
    unparsed: unparsed.lines,
    cpuSeconds: (userCPUTime + systemCPUTime) / 1e6,
    residentBytes: maxRSS * 1024,
  })}\n`,
);
