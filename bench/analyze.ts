// Measures the analysis of long runs in new processes: a bundle of one gigabyte, a quarter of it, and thirty steps.

import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { z } from 'zod';
import { atMost, below, type Bench, type BenchIo } from './bench.ts';
import { againstReference, referenceLoop } from './reference.ts';
import { writeTelemetryBundle, type BundleShape } from './telemetry-bundle.ts';

const child = fileURLToPath(new URL('analyze-bundle.ts', import.meta.url));
const parser = fileURLToPath(new URL('parse-bundle.ts', import.meta.url));

const AnalyzeOptions = z.object({ hosts: z.coerce.number().int().min(1).max(1000).default(200) });

const Analysed = z.object({
  steps: z.number(),
  safeMax: z.string(),
  cpuSeconds: z.number(),
  residentBytes: z.number(),
});

/** Limit as a multiple of JSON.parse of the same lines. */
const mostTimesParse = 2;
const mostResidentBytes = 500e6;
/** Limit as a multiple of the reference loop. */
const mostTimesLoop = 6;
/** Limit of CPU per sample relative to a quarter of the samples, for which process start-up adds more per sample. */
const mostGrowth = 1.1;

/** Twelve hours in twelve steps; with 200 hosts this is one gigabyte. */
const long = { steps: 12, stepSeconds: 3600, everySeconds: 10, seed: 1 };
const quarter = { ...long, stepSeconds: 900 };
const thirtySteps: BundleShape = { hosts: 3, steps: 30, stepSeconds: 60, everySeconds: 1, seed: 1 };

export const analyze = {
  name: 'analyze',
  summary: 'seconds and memory of analysing a gigabyte of telemetry, a fourth of it, and a run of thirty steps',
  options: { hosts: { type: 'string', value: 'N', help: 'in the long run (default 200, which makes a gigabyte)' } },
  evidence: 'docs/evidence/analyze-speed.md',

  async run(io) {
    const { hosts } = AnalyzeOptions.parse(io.options);
    const few = await measure({ ...quarter, hosts }, io);
    const many = await measure({ ...long, hosts }, io);
    const steps = await measure(thirtySteps, io);
    const [perFew, perMany] = [few, many].map(({ cpuSeconds, samples }) => cpuSeconds / samples) as [number, number];
    const size = `${Math.round(many.bytes / 1e6)} MB of ${many.samples} readings`;
    return [
      {
        metric: `wall, ${size}`,
        unit: 's',
        ours: many.seconds,
        peer: { name: 'JSON.parse of its lines', version: process.versions.v8, value: many.parseSeconds },
        goal: `at most ${mostTimesParse} x JSON.parse`,
        met: many.seconds <= mostTimesParse * many.parseSeconds,
      },
      { metric: `CPU, ${size}`, unit: 's', ours: many.cpuSeconds, goal: 'none' },
      below(`most resident, ${size}`, 'bytes', many.residentBytes, mostResidentBytes),
      atMost('CPU of a reading, over that of a run with a fourth of them', '', perMany / perFew, mostGrowth),
      againstReference(`wall, ${steps.steps} steps with 2,000 draws`, {
        ours: steps.seconds,
        reference: referenceLoop().wall,
        most: mostTimesLoop,
      }),
      { metric: `CPU, ${steps.steps} steps with 2,000 draws`, unit: 's', ours: steps.cpuSeconds, goal: 'none' },
    ];
  },
} satisfies Bench;

/** Measures whole processes, start-up included. */
async function measure(shape: BundleShape, { clock, signal, stderr }: BenchIo) {
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-bench-analyze-'));
  try {
    const written = await writeTelemetryBundle(folder, shape);
    const timed = async (program: string) => {
      const before = clock.monotonic();
      const { stdout } = await promisify(execFile)(process.execPath, [...process.execArgv, program, folder], {
        signal,
      });
      return { stdout, seconds: clock.monotonic() - before };
    };
    const { stdout, seconds } = await timed(child);
    const { seconds: parseSeconds } = await timed(parser);
    const analysed = { ...written, ...Analysed.parse(JSON.parse(stdout)), seconds, parseSeconds };
    stderr.write(`${JSON.stringify(analysed)}\n`);
    return analysed;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
