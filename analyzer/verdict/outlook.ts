// What does an answer leave open? How surely its limit binds, what comes next, how far it reaches, and what is left after a loss.

import type { Analysis } from '../../core/documents/analysis.ts';
import type { LoadTestRun } from '../evidence/load-test-run.ts';
import { limitText } from '../../core/text/limit-text.ts';
import { bindingOf, safeCeilings } from './limits/ceilings.ts';
import { reachedTps } from './limits/driven-limit.ts';
import type { Binding, Evidence } from './evidence.ts';
import { safeBinding } from './safe-max.ts';
import { unpredictedLosses, withoutOne } from './placement/without-one.ts';

export type Outlook = Pick<
  Analysis,
  'binding' | 'nextCeiling' | 'testedTps' | 'extrapolated' | 'withoutOne' | 'withoutOneUnknown'
>;

/** Only of an answer: a rate that nobody knows has no next one. */
export function outlookOf(run: LoadTestRun, evidence: Evidence, safe: Analysis['safeMaxTps']): Outlook {
  const tested = testedTps(evidence);
  if (safe.kind !== 'confirmed' && safe.kind !== 'predicted') {
    return { ...(tested && { testedTps: tested }), ...lossOutlook(lossesBelowLimit(run, evidence, safe)) };
  }
  const binding = safeBinding(evidence);
  const next = nextCeiling(evidence, safe.limitedBy);
  const reached = reachedTps(evidence);
  const factor = reached > 0 ? safe.estimateTps / reached : 0;
  return {
    ...(binding && { binding: binding.shares.map(({ limit, probability }) => ({ limitedBy: limit, probability })) }),
    ...(next && {
      nextCeiling: { limitedBy: next.limit, estimateTps: next.value, interval: intervalOf(next, evidence) },
    }),
    ...(tested && { testedTps: tested }),
    ...(factor > evidence.policy.extrapolation.flagged.value && { extrapolated: { factor } }),
    ...lossOutlook(withoutOne(run, evidence)),
  };
}

const lossOutlook = ({ losses, unknown }: ReturnType<typeof withoutOne>) => ({
  ...(losses.length > 0 && { withoutOne: losses }),
  ...(unknown.length > 0 && { withoutOneUnknown: unknown }),
});

/** Reasons of an `at-least` that leave the laws of the resources in place: no limit of the whole cluster came near enough. */
const belowEveryLimit: ReadonlySet<string> = new Set(['no-limit-reached', 'held-too-briefly']);

/** With one broker less the limit is nearer, and may be within reach of the steps where that of the whole cluster is not. */
function lossesBelowLimit(
  run: LoadTestRun,
  evidence: Evidence,
  safe: Analysis['safeMaxTps'],
): ReturnType<typeof withoutOne> {
  if (safe.kind !== 'at-least') return { losses: [], unknown: [] };
  if (belowEveryLimit.has(safe.reason)) return withoutOne(run, evidence);
  const isReached = safe.reason === 'limit-cause-unknown';
  const what = isReached ? 'known cause of the limit' : 'rate without a doubt about its figures';
  return { losses: [], unknown: unpredictedLosses(run, what) };
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
