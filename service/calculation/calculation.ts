// Dispatches a calculation: what-if, sizing, verdict of production or forecast; each can take minutes of CPU.

import { sizingInput, type SizingFiles } from '../../app/planning/sizing-input.ts';
import { analyzeProduction } from '../../analyzer/production/analyze-production.ts';
import type { SourceTelemetry } from '../../analyzer/evidence/sources/source-telemetry.ts';
import type { BrokerKind } from '../../core/cluster.ts';
import { analyzeBundle } from '../../analyzer/verdict/analyze.ts';
import { readLoadTest } from '../../app/analysis/read-load-test.ts';
import type { Policy } from '../../core/policy/policy.ts';
import { blastRadiusOf } from '../../analyzer/planning/simulation/blast-radius.ts';
import type { SimulationChoices } from '../../analyzer/planning/simulation/planned-cluster.ts';
import type { SizingPolicy } from '../../analyzer/planning/sizing/sizing-policy.ts';
import { sizeDomains } from '../../analyzer/planning/sizing/size-domains.ts';
import type { Alternative } from '../../analyzer/planning/what-if/alternative.ts';
import { whatIf, type WhatIf } from '../../analyzer/planning/what-if/what-if.ts';
import type { Analysis } from '../../core/documents/analysis.ts';
import type { BlastRadius } from '../../core/documents/blast-radius.ts';
import type { ClusterPlan, ClusterPlans } from '../../core/documents/cluster-plan.ts';
import { forecastOfLoad, type ForecastAnswer, type ForecastQuestion } from './production-answers.ts';

interface WhatIfQuestion {
  kind: 'what-if';
  /** Folder of the run that the what-if is based on. */
  run: string;
  policy: Policy;
  alternatives: readonly Alternative[];
}

export interface SizeQuestion extends SizingFiles {
  kind: 'size';
  seed: string;
  worlds: number;
}

interface BlastRadiusQuestion {
  kind: 'blast-radius';
  plan: ClusterPlan;
  policy: SizingPolicy;
  choices: SimulationChoices;
  lastsSeconds: number;
}

interface ProductionQuestion {
  kind: 'production';
  telemetry: SourceTelemetry;
  cluster: string;
  broker: BrokerKind;
  policy: Policy;
}

interface LoadTestQuestion {
  kind: 'load-test';
  /** Folder of its bundle. */
  run: string;
  policy: Policy;
}

export type Question =
  LoadTestQuestion | WhatIfQuestion | SizeQuestion | BlastRadiusQuestion | ProductionQuestion | ForecastQuestion;

export interface Answers {
  'load-test': Analysis;
  'what-if': WhatIf[];
  size: ClusterPlans;
  'blast-radius': BlastRadius;
  production: Analysis;
  forecast: ForecastAnswer;
}

export type AnswerTo<Kind extends Question> = Answers[Kind['kind']];

/** @throws AppError run-missing, run-unreadable, usage */
export async function calculate(question: Question): Promise<Answers[Question['kind']]> {
  switch (question.kind) {
    case 'load-test':
      return analyzeBundle(question.run, question.policy);
    case 'what-if': {
      const { run, policy, alternatives } = question;
      return whatIf(await readLoadTest(run, policy), policy, alternatives);
    }
    case 'size': {
      const { seed, worlds, ...files } = question;
      return sizeDomains({ ...sizingInput(files), seed, worlds });
    }
    case 'blast-radius':
      return blastRadiusOf(question.plan, question.policy, question);
    case 'production': {
      const { telemetry, cluster, broker, policy } = question;
      return analyzeProduction(telemetry, { cluster, broker }, policy);
    }
    case 'forecast':
      return forecastOfLoad(question);
  }
}
