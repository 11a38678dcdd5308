// Prints how all recorded truth lab set-ups compare with the goals, and rewrites their tables.

import type { Bench, BenchResult } from './bench.ts';
import { aggregate } from './real-truth/limits/aggregate.ts';
import { writeLimitPage } from './real-truth/limits/limit-page.ts';
import { lastRecords, readRecords } from './real-truth/limits/limit-record.ts';

export const truthSummary = {
  name: 'truth-summary',
  summary: 'all recorded set-ups of truth-lab against the goals; measures nothing',
  options: {},

  async run() {
    const records = await readRecords();
    await writeLimitPage(records);
    return aggregate([...lastRecords(records).values()]).map(({ what, value, goal, met }): BenchResult => ({
      metric: `${what}: ${value}`,
      unit: '',
      ours: Number.parseFloat(value) || 0,
      goal,
      ...(met !== undefined && { met }),
    }));
  },
} satisfies Bench;
