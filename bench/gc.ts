// Measures reading of long unified and JDK 8 GC logs with every figure; compares G1 logs with GCViewer.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { AppError } from '../core/errors.ts';
import { cacheFolder } from '../core/user-folders.ts';
import { brokerJars } from '../lab/broker-jars.ts';
import { compileGcProgram, runGcProgram } from '../test/support/gc-matrix/gc-program.ts';
import { machineJvm, obtainJvm, type Jvm } from '../test/support/jvms/jvms.ts';
import { interleave, median, type Bench, type BenchIo, type BenchResult } from './bench.ts';
import { writeLongGcLog } from './long-gc-log.ts';
import { measuredLogs } from './measured-gc-logs.ts';

const child = fileURLToPath(new URL('read-gc-log.ts', import.meta.url));
const megabyte = 1e6;
const mostResidentBytes = 100e6;
const gcViewerVersion = '1.36';

const Read = z.object({
  pauses: z.number(),
  pauseSeconds: z.number(),
  unparsed: z.number(),
  cpuSeconds: z.number(),
  residentBytes: z.number(),
});

export const gc = {
  name: 'gc',
  summary: 'MB/s and memory of reading GC logs with every figure, unified and of JDK 8, those of G1 beside GCViewer',
  options: {
    megabytes: {
      type: 'string',
      value: 'N',
      help: 'of each log (default 200); a quarter of it for those that GCViewer does not read',
    },
  },
  evidence: 'docs/evidence/gc-speed.md',

  async run(io) {
    const folder = await mkdtemp(join(tmpdir(), 'plimsoll-bench-gc-'));
    try {
      const leastBytes = Number(io.options['megabytes'] ?? 200) * megabyte;
      const classes = await compileGcProgram(folder);
      const gcViewer = await fetchGcViewer(io);
      const java8 = await obtainJvm(8);
      if (java8.kind === 'missing') throw new AppError('prerequisite-missing', java8.reason);
      const results: BenchResult[] = [];
      for (const { name, java, collector, options, timesGcViewer } of measuredLogs) {
        const jvm = java === 8 ? java8.jvm : machineJvm();
        const short = await realLog(jvm, (file) => [collector, ...(options?.(file) ?? [])], { classes, folder });
        const path = join(folder, 'long.log');
        const bytes = await writeLongGcLog(short, path, timesGcViewer === undefined ? leastBytes / 4 : leastBytes);
        io.stderr.write(`${name}: ${Math.round(bytes / megabyte)} MB\n`);
        results.push(...(await measure({ name, path, bytes, timesGcViewer, gcViewer }, io)));
        await rm(path);
      }
      return results;
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
} satisfies Bench;

interface Measured {
  name: string;
  path: string;
  bytes: number;
  timesGcViewer: number | undefined;
  gcViewer: string;
}

/** Measures whole processes, start-up included. */
async function measure({ name, path, bytes, timesGcViewer, gcViewer }: Measured, io: BenchIo): Promise<BenchResult[]> {
  const { signal, clock, stderr } = io;
  const reads: z.infer<typeof Read>[] = [];
  const rate = async (program: string, words: readonly string[], onOutput?: (output: string) => void) => {
    const before = clock.monotonic();
    const output = await outputOf(program, words, signal);
    const rate = bytes / megabyte / (clock.monotonic() - before);
    onOutput?.(output);
    stderr.write(`${name}: ${program} ${rate.toFixed(1)} MB/s\n`);
    return rate;
  };
  const read = () =>
    rate(process.execPath, [...process.execArgv, child, path], (output) => reads.push(Read.parse(JSON.parse(output))));
  const viewed = () => {
    const files = [path, `${path}.csv`];
    const program = 'com.tagtraum.perf.gcviewer.GCViewer';
    return rate('java', ['-Xmx4g', '-Djava.awt.headless=true', '-cp', join(gcViewer, '*'), program, ...files]);
  };
  // After a change, sources are compiled once, which takes time and memory that later starts do not need.
  await outputOf(process.execPath, [...process.execArgv, child, '/dev/null'], signal);
  const { ours, theirs } =
    timesGcViewer === undefined
      ? { ...(await interleave({ ours: read })), theirs: undefined }
      : await interleave({ ours: read, theirs: viewed });
  stderr.write(`${name}: ${JSON.stringify(reads.at(-1))}\n`);
  const residentBytes = Math.max(...reads.map((read) => read.residentBytes));
  const cpuSeconds = median(reads.map((read) => read.cpuSeconds));
  return [
    ...(theirs === undefined ? [{ metric: `${name}, wall`, unit: 'MB/s', ours, goal: 'none' }] : []),
    { metric: `${name}, CPU`, unit: 'MB/s', ours: bytes / megabyte / cpuSeconds, goal: 'none' },
    ...(theirs === undefined || timesGcViewer === undefined
      ? []
      : [
          {
            metric: `${name}, wall`,
            unit: 'MB/s',
            ours,
            peer: { name: 'GCViewer', version: gcViewerVersion, value: theirs },
            goal: `at least ${timesGcViewer} × GCViewer`,
            met: ours >= timesGcViewer * theirs,
          },
        ]),
    {
      metric: `${name}, most resident`,
      unit: 'bytes',
      ours: residentBytes,
      ...(theirs === undefined
        ? { goal: 'none' }
        : { goal: `below ${mostResidentBytes}`, met: residentBytes < mostResidentBytes }),
    },
    {
      metric: `${name}, unparsed lines`,
      unit: '',
      ours: reads.at(-1)?.unparsed ?? NaN,
      goal: '0',
      met: reads.every(({ unparsed }) => unparsed === 0),
    },
  ];
}

/** GCViewer reports unknown lines on standard error. */
async function outputOf(program: string, words: readonly string[], signal: AbortSignal | undefined): Promise<string> {
  const running = spawn(program, words, { signal, stdio: ['ignore', 'pipe', 'ignore'] });
  const [output, [exitCode]] = await Promise.all([text(running.stdout), once(running, 'close') as Promise<[number]>]);
  if (exitCode !== 0) throw new AppError('run-failed', `${program} exited with ${exitCode}`);
  return output;
}

/** Returns the log of one run of the allocating program, a few hundred kilobytes. */
async function realLog(
  jvm: Jvm,
  options: (file: string) => readonly string[],
  { classes, folder }: { classes: string; folder: string },
): Promise<string> {
  const runFolder = await mkdtemp(join(folder, 'run-'));
  const file = join(runFolder, 'gc.log');
  await runGcProgram(jvm, [...options(file)], { classes, folder });
  // With rotation, this is the first file of JDK 8.
  const names = await readdir(runFolder);
  return readFile(names.includes('gc.log.0.current') ? `${file}.0.current` : file, 'latin1');
}

function fetchGcViewer({ signal, stderr }: BenchIo): Promise<string> {
  return brokerJars(
    {
      product: 'gcviewer',
      title: 'GCViewer',
      version: gcViewerVersion,
      artefacts: [{ group: 'com.github.chewiebug', artefact: 'gcviewer', version: gcViewerVersion }],
      complete: [gcViewerVersion],
    },
    join(cacheFolder(process.env), 'lab'),
    { signal, environment: process.env, progress: (line) => stderr.write(`${line}\n`) },
  );
}
