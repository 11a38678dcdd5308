// Measures the accuracy of verdicts on simulated clusters with known limits, by stratum.

import { z } from 'zod';
import { AppError } from '../core/errors.ts';
import { Judges } from '../test/truth/judged-by-many.ts';
import { sumOf, sumsByStratum, type Judged, type Sum } from '../test/truth/world/judgement.ts';
import { drawWorlds, stratumNames, type StratumName } from '../test/truth/world/strata.ts';
import { sumRows } from '../test/truth/world/sum-table.ts';
import { atMost, parseOptions, type Bench, type BenchResult } from './bench.ts';

const TruthOptions = z.object({
  clusters: z.coerce.number().int().min(1).max(100_000).default(200),
  seed: z.coerce.number().int().min(1).default(1),
  strata: z.string().optional(),
  processes: z.coerce.number().int().min(1).max(16).default(2),
});

export const truth = {
  name: 'truth',
  summary: 'how often a safe maximum is answered, inside its interval, too high, and limited by the predicted resource',
  options: {
    clusters: { type: 'string', value: 'N', help: 'simulated, over all strata (default 200)' },
    seed: { type: 'string', value: 'S', help: 'of the first cluster of each stratum (default 1)' },
    strata: { type: 'string', value: 'NAMES', help: 'parts of names, separated by semicolons (default: all)' },
    processes: { type: 'string', value: 'N', help: 'that judge side by side (default 2)' },
    worlds: { type: 'boolean', help: 'print one JSON line per cluster to standard error' },
  },

  evidence: 'docs/evidence/truth.md',

  async run({ options, stderr, signal }) {
    const { clusters, seed, strata, processes } = parseOptions('truth', TruthOptions, options);
    await using judges = new Judges(processes);
    const tell = (one: Judged) => {
      signal.throwIfAborted();
      if (options['worlds'] === true) stderr.write(`${JSON.stringify(one)}\n`);
    };
    const judged = await judges.judgeWorlds(drawWorlds(clusters, seed, named(strata)), tell);
    const all = sumOf('all', judged);
    stderr.write(
      `${sumRows([...sumsByStratum(judged), all])
        .map((cells) => cells.join(' | '))
        .join('\n')}\n`,
    );
    return resultsOf(all);
  },
} satisfies Bench;

function named(strata: string | undefined): StratumName[] {
  const parts = strata?.split(';').map((part) => part.trim());
  const found = stratumNames.filter((name) => parts === undefined || parts.some((part) => name.includes(part)));
  if (found.length > 0) return found;
  throw new AppError('usage', `there is no stratum ${strata}`, { hint: `strata: ${stratumNames.join('; ')}` });
}

function resultsOf(all: Sum): BenchResult[] {
  const share = (metric: string, part: number, of: number, goal: number): BenchResult => ({
    metric,
    unit: 'ratio',
    ours: of === 0 ? 0 : part / of,
    // Without runs there is no goal.
    ...(of === 0 ? { goal: 'none' } : { goal: `at least ${goal}`, met: part / of >= goal }),
  });
  return [
    share('answered, of runs near enough to the limit', all.answered, all.answerable, 0.9),
    share('interval of the safe maximum holds the truth', all.covered, all.numbers, 0.93),
    atMost('unsafe: safe maximum above the true limit', 'ratio', all.unsafe / Math.max(1, all.runs), 0.025),
    share('right limiting resource, where one limits by 10%', all.bindingRight, all.alone, 0.97),
    atMost('median width of the interval', 'ratio', all.medianWidth ?? Number.POSITIVE_INFINITY, 0.15),
  ];
}
