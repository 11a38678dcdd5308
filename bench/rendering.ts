// How long does a big page take once all is read, does it hold up the process, and what memory does it need?

import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { z } from 'zod';
import type { Bench } from './bench.ts';

const child = fileURLToPath(new URL('rendered-page.ts', import.meta.url));

const Rendered = z.object({
  bytes: z.number(),
  series: z.number(),
  seconds: z.number(),
  longestStallSeconds: z.number(),
  residentBytes: z.number(),
});

const mostStallSeconds = 0.02;
const mostSeconds = 2;
const mostResidentBytes = 400e6;

export const rendering = {
  name: 'rendering',
  summary: 'the longest stall of 100,000 series, wall and memory of 1,000,000, rendered in a process of its own',
  options: {},
  evidence: 'docs/scrape-cost.md',

  async run({ signal, stderr }) {
    const render = async (series: number) => {
      const { stdout } = await promisify(execFile)(process.execPath, [...process.execArgv, child, String(series)], {
        signal,
      });
      stderr.write(`${stdout}\n`);
      return Rendered.parse(JSON.parse(stdout));
    };
    const some = await render(100_000);
    const many = await render(1_000_000);
    return [
      {
        metric: `longest stall of the event loop, ${some.series} series`,
        unit: 's',
        ours: some.longestStallSeconds,
        goal: `at most ${mostStallSeconds}`,
        met: some.longestStallSeconds <= mostStallSeconds,
      },
      {
        metric: `wall, ${many.series} series`,
        unit: 's',
        ours: many.seconds,
        goal: `below ${mostSeconds}`,
        met: many.seconds < mostSeconds,
      },
      {
        metric: `most resident with the snapshot, ${many.series} series`,
        unit: 'bytes',
        ours: many.residentBytes,
        goal: `below ${mostResidentBytes}`,
        met: many.residentBytes < mostResidentBytes,
      },
    ];
  },
} satisfies Bench;
