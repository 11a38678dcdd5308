// What does an answer leave open? How surely its limit binds, what comes next, how far it reaches, and what is left after a loss.

import type { Analysis } from '../core/analysis.ts';
import type { LoadTestRun } from './load-test-run.ts';
import { limitText } from './quantity-text.ts';
import { bindingOf, safeCeilings } from './ceilings.ts';
import { reachedTps } from './driven-limit.ts';
import type { Binding, Evidence } from './evidence.ts';
import { safeBinding } from './safe-max.ts';
import { unpredictedLosses, withoutOne, type UnknownLoss } from './without-one.ts';

export type Outlook = Pick<
  Analysis,
  'binding' | 'nextCeiling' | 'testedTps' | 'extrapolated' | 'withoutOne' | 'withoutOneUnknown'
>;

/** Only of an answer: a rate that nobody knows has no next one. */
export function outlookOf(run: LoadTestRun, evidence: Evidence, safe: Analysis['safeMaxTps']): Outlook {
  const tested = testedTps(evidence);
  if (safe.kind !== 'confirmed' && safe.kind !== 'predicted') {
    const unpredicted = unpredictedAfter(run, safe);
    return { ...(tested && { testedTps: tested }), ...(unpredicted.length > 0 && { withoutOneUnknown: unpredicted }) };
  }
  const binding = safeBinding(evidence);
  const next = nextCeiling(evidence, safe.limitedBy);
  const reached = reachedTps(evidence);
  const factor = reached > 0 ? safe.estimateTps / reached : 0;
  const { losses, unknown } = withoutOne(run, evidence);
  return {
    ...(binding && { binding: binding.shares.map(({ limit, probability }) => ({ limitedBy: limit, probability })) }),
    ...(next && {
      nextCeiling: { limitedBy: next.limit, estimateTps: next.value, interval: intervalOf(next, evidence) },
    }),
    ...(tested && { testedTps: tested }),
    ...(factor > evidence.policy.extrapolation.flagged.value && { extrapolated: { factor } }),
    ...(losses.length > 0 && { withoutOne: losses }),
    ...(unknown.length > 0 && { withoutOneUnknown: unknown }),
  };
}

/** What is safe after a loss follows from the limit of the whole cluster. */
function unpredictedAfter(run: LoadTestRun, safe: Analysis['safeMaxTps']): UnknownLoss[] {
  if (safe.kind !== 'at-least') return [];
  const isReached = safe.reason === 'limit-cause-unknown';
  return unpredictedLosses(run, isReached ? 'known cause of the limit' : 'limit that the load test came near');
}

/** The first of all limits but the one that binds. */
export function nextCeiling(evidence: Evidence, first: Parameters<typeof limitText>[0]): Binding | undefined {
  const others = safeCeilings(evidence).filter(({ limit }) => limitText(limit) !== limitText(first));
  return bindingOf(others, evidence.policy);
}

function intervalOf({ low, high }: Binding, { policy }: Evidence) {
  return { low, ...(high !== undefined && { high }), confidence: policy.fit.confidence.value };
}

/** Of the steps that laws are made of, and the one that was driven into the limit. */
function testedTps({ steps }: Evidence): { low: number; high: number } | undefined {
  const rates = steps.flatMap(({ step, verdict }) =>
    verdict.kind === 'sustained' || verdict.kind === 'saturated' ? [step.tps] : [],
  );
  return rates.length > 0 ? { low: Math.min(...rates), high: Math.max(...rates) } : undefined;
}
