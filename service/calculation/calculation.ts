// Dispatches a calculation: what-if, sizing, verdict of production or forecast; each can take minutes of CPU.

import { shapesOf, type CatalogueFile } from '../../analyzer/planning/domains/catalogue-file.ts';
import type { DomainsFile } from '../../analyzer/planning/domains/domains-file.ts';
import { importRun } from '../../analyzer/evidence/importers/registry.ts';
import type { Policy } from '../../core/policy/policy.ts';
import { fromStated, fromVerdict } from '../../analyzer/planning/sizing/measured.ts';
import { sizeDomains } from '../../analyzer/planning/sizing/size-domains.ts';
import { sizingPolicy } from '../../analyzer/planning/sizing/sizing-policy.ts';
import type { Alternative } from '../../analyzer/planning/what-if/alternative.ts';
import { whatIf, type WhatIf } from '../../analyzer/planning/what-if/what-if.ts';
import type { Analysis } from '../../core/documents/analysis.ts';
import type { ClusterPlans } from '../../core/documents/cluster-plan.ts';
import { AppError } from '../../core/errors.ts';
import {
  forecastOfLoad,
  verdictOfProduction,
  type ForecastAnswer,
  type ForecastQuestion,
  type ProductionQuestion,
} from './standing-answers.ts';

export interface WhatIfQuestion {
  kind: 'what-if';
  /** Folder of the run that is carried over. */
  run: string;
  policy: Policy;
  alternatives: readonly Alternative[];
}

export interface SizeQuestion {
  kind: 'size';
  policy: Policy;
  file: DomainsFile;
  catalogue: CatalogueFile;
  /** What `verdict` of a measurement names. */
  verdicts: Readonly<Record<string, Pick<Analysis, 'run' | 'safeMaxTps' | 'saturationTps'>>>;
  seed: string;
  worlds: number;
}

export type Question = WhatIfQuestion | SizeQuestion | ProductionQuestion | ForecastQuestion;

export interface Answers {
  'what-if': WhatIf[];
  size: ClusterPlans;
  production: Analysis;
  forecast: ForecastAnswer;
}

export type AnswerTo<Asked extends Question> = Answers[Asked['kind']];

/** @throws AppError run-missing, run-unreadable, usage */
export async function calculate(question: Question): Promise<Answers[Question['kind']]> {
  switch (question.kind) {
    case 'what-if':
      return carriedOver(question);
    case 'size':
      return planned(question);
    case 'production':
      return verdictOfProduction(question);
    case 'forecast':
      return forecastOfLoad(question);
  }
}

async function carriedOver({ run, policy, alternatives }: WhatIfQuestion): Promise<WhatIf[]> {
  const imported = await importRun(run, { settleSeconds: policy.step.settleSeconds.value });
  if (imported.origin === 'load-test') return whatIf(imported.run, policy, alternatives);
  throw new AppError('usage', 'the history has written figures, and no load test with steps', {
    hint: 'a load test in steps tells what a message costs; docs/what-if.md says more',
  });
}

function planned({ file, catalogue, policy: base, verdicts, seed, worlds }: SizeQuestion): ClusterPlans {
  const policy = sizingPolicy(base, file.policy);
  const readings = file.measurements.map((section) => {
    const { verdict } = section;
    if (verdict === undefined) return { section, reading: fromStated(section, policy) };
    const known = verdicts[verdict];
    if (known === undefined) throw new RangeError(`no verdict ${verdict} was handed in`);
    return { section, reading: fromVerdict(section, known, verdict, policy) };
  });
  const { currency } = catalogue;
  return sizeDomains({
    file,
    policy,
    shapes: shapesOf(catalogue),
    readings,
    seed,
    worlds,
    ...(currency !== undefined && { currency }),
  });
}
