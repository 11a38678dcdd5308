// Checks that a search uses the limits that the judge names, with evidence that the run itself records.

import { expect, test } from 'vitest';
import type { LimitJudge, TrialEvidence } from '../../../core/limit-judge.ts';
import { runInMemory } from '../../support/run-in-memory.ts';
import { shortSearch } from '../../support/short-search.ts';

const file = {
  groups: 1,
  criteria: { p99: '2s', achieved: '50%', growth: '50%', generatorLag: '2s' },
  profile: { kind: 'find-safe', start: 100, highest: 200, trial: '1s', soak: '1s', settle: '0s' },
};
const options = shortSearch(200);

test('a search stops at a limit found by the judge, and the certificate names it', async () => {
  const seen: TrialEvidence[] = [];
  const judgeLimits: LimitJudge = (evidence) => {
    seen.push(evidence);
    if (evidence.targetTps < 115) return { kind: 'unknown', reason: 'not monitored: heap of broker 1' };
    return {
      kind: 'reached',
      limit: { resource: 'produce-quota', node: '1' },
      measured: 0.34,
      bound: 0.05,
      unit: 'ratio',
      detail: 'throttled 34% of the time',
    };
  };
  const tools = { search: { explanation: [], options }, judgeLimits };
  const { outcome, journal } = await runInMemory({ file, flags: { groups: 1 }, tools });
  if (outcome instanceof Error) throw outcome;
  const limitedBy = { resource: 'produce-quota', node: '1' };
  expect(outcome).toMatchObject({
    status: 'completed',
    certificate: {
      endedBecause: 'bounds-met',
      lowerBound: { tps: 110 },
      upperBounds: [
        { tps: 121, criterion: 'produce-quota of broker 1', limitedBy, detail: 'throttled 34% of the time' },
      ],
    },
  });
  expect(journal.find((line) => line.kind === 'trial' && line.outcome.kind === 'failed')).toMatchObject({
    outcome: { limitedBy },
  });
  for (const { from, to, lines, telemetry } of seen) {
    expect(to - from).toBeLessThanOrEqual(1);
    expect(lines.some(({ kind }) => kind === 'produced')).toBe(true);
    expect(telemetry.length).toBeGreaterThan(0);
    for (const { elapsedSeconds } of lines) expect(elapsedSeconds).toBeGreaterThan(from);
  }
});
