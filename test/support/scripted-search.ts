import type { RateSearch, SearchStep } from '../../loadgen/search/search.ts';
import type { Trial, TrialOutcome, TrialRecord } from '../../loadgen/search/trial.ts';

type Failed = Extract<TrialOutcome, { kind: 'failed' }>;

export const passed = (rate: number): TrialOutcome => ({ kind: 'passed', achievedTps: rate });

export const failed = (achievedTps: number): Failed => ({
  kind: 'failed',
  criterion: 'p99',
  violated: { kind: 'slo', slo: 'publish-latency' },
  measured: 0.2,
  limit: 0.1,
  unit: 's',
  achievedTps,
});

export interface Answered {
  history: readonly TrialRecord[];
  step: Exclude<SearchStep, { kind: 'drive' }>;
}

/** Runs a search to its end with outcomes that the test provides. */
export const answered =
  (answer: (trial: Trial) => TrialOutcome) =>
  ({ next }: RateSearch): Answered => {
    const history: TrialRecord[] = [];
    for (;;) {
      const step = next(history);
      if (step.kind !== 'drive') return { history, step };
      history.push({ trial: step.trial, outcome: answer(step.trial) });
    }
  };

export const rates = (history: readonly TrialRecord[]) => history.map(({ trial }) => Number(trial.rate));
export const purposes = (history: readonly TrialRecord[]) => history.map(({ trial }) => trial.purpose);
