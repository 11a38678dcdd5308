// Measures the rendering of a large page: its time, its longest stall of the process and its memory.

import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { z } from 'zod';
import { below, type Bench } from './bench.ts';
import { againstReference, referenceLoop } from './reference.ts';

const child = fileURLToPath(new URL('rendered-page.ts', import.meta.url));

const Rendered = z.object({
  bytes: z.number(),
  series: z.number(),
  seconds: z.number(),
  longestStallSeconds: z.number(),
  residentBytes: z.number(),
});

/** Limits in reference loops. */
const mostStall = 0.06;
const mostWall = 6;
const mostResidentBytes = 400e6;

export const rendering = {
  name: 'rendering',
  summary: 'the longest stall of 100,000 series, wall and memory of 1,000,000, rendered in a process of its own',
  options: {},
  evidence: 'docs/evidence/scrape-cost.md',

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
    const reference = referenceLoop().wall;
    return [
      againstReference(`longest stall of the event loop, ${some.series} series`, {
        ours: some.longestStallSeconds,
        reference,
        most: mostStall,
      }),
      againstReference(`wall, ${many.series} series`, { ours: many.seconds, reference, most: mostWall }),
      below(`most resident with the snapshot, ${many.series} series`, 'bytes', many.residentBytes, mostResidentBytes),
    ];
  },
} satisfies Bench;
