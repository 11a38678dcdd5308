// Measures the response time of each page of the service.

import type { BenchIo, BenchResult } from './bench.ts';
import { askOnce } from './steady-requests.ts';

const rounds = 5;
const mostPageMs = 150;

interface AskedPages {
  url: string;
  /** Name in the figure, and request path. */
  pages: readonly (readonly [name: string, path: string])[];
  /** Description of the clusters. */
  what: string;
  headers?: Record<string, string>;
}

/** @returns the slowest page; for each page, the slowest request except the first counts */
export async function timesOfPages(
  { url, pages, what, headers = {} }: AskedPages,
  { stderr }: Pick<BenchIo, 'stderr'>,
): Promise<BenchResult[]> {
  const times: { name: string; ms: number }[] = [];
  for (const [name, path] of pages) {
    const measured: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const began = performance.now();
      const { status } = await askOnce(undefined, url, { method: 'GET', path, headers });
      if (status === 200) measured.push(performance.now() - began);
    }
    if (measured.length < rounds) stderr.write(`left out: ${path}, which does not answer with 200\n`);
    else times.push({ name, ms: Math.max(...measured.slice(1)) });
  }
  stderr.write(`${times.map(({ name, ms }) => `${ms.toFixed(1)} ms ${name}`).join('\n')}\n`);
  const slowest = times.reduce((one, other) => (other.ms > one.ms ? other : one), { name: 'none', ms: 0 });
  return [
    {
      metric: `slowest of ${times.length} pages (${slowest.name}), ${what}`,
      unit: 'ms',
      ours: slowest.ms,
      goal: `at most ${mostPageMs}`,
      met: times.length > 0 && slowest.ms <= mostPageMs,
    },
  ];
}
