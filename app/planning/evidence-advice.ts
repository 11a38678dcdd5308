// Assembles what decides whether a cluster can handle its forecast peak: the verdict, the forecast, and the cheapest evidence.

import { decisionOf, expectedDemand, type SafeRate } from '../../analyzer/planning/advise/evidence-options.ts';
import { traitsOf } from '../../core/broker-kind/registry.ts';
import type { Analysis } from '../../core/documents/analysis.ts';
import { safeTpsOf } from '../../core/documents/safe-tps.ts';
import type { EvidenceAdvice } from '../../core/documents/evidence-advice.ts';
import { AppError } from '../../core/errors.ts';
import type { Policy } from '../../core/policy/policy.ts';
import type { Freeze } from '../../ops/change/config.ts';
import { frozenSpans } from '../../ops/change/freeze.ts';
import { catchUpUnknown, refuseUnknownLosses, worstLoss, type KnownForecast, type LossKind } from './windows.ts';
import { defined } from '../../core/defined.ts';

/** Default of the accepted probability that the load exceeds the safe maximum. */
export const usualRisk = 0.05;

export const survivals = ['broker', 'zone', 'nothing'] as const;

interface KnownEvidence {
  cluster?: string | undefined;
  forecast: KnownForecast;
  analysis: Analysis;
  /** Entry in the history. */
  entry?: number | undefined;
  /** Loss that the cluster must survive at the peak. */
  survives: LossKind | 'nothing';
  nowMs: number;
  risk: number;
  /** Change freezes in the config. */
  freezes?: readonly Freeze[];
  policy: Policy;
}

/** After the loss of a broker if known for each, else for the whole cluster. @returns undefined if there is no answer */
export function knownEvidenceAdvice(known: Omit<KnownEvidence, 'survives'>): EvidenceAdvice | undefined {
  const { analysis, forecast, nowMs, risk } = known;
  const survives = worstLoss(analysis, 'broker') === undefined ? 'nothing' : 'broker';
  if (survives === 'nothing' && analysis.safeMaxTps.kind === 'unknown') return undefined;
  if (expectedDemand({ forecast: forecast.document, nowMs, risk }) === undefined) return undefined;
  return evidenceAdviceOf({ ...known, survives });
}

/** @throws AppError not-found if there is no safe maximum, or the forecast has ended */
export function evidenceAdviceOf(known: KnownEvidence): EvidenceAdvice {
  const { cluster, forecast, analysis, entry, survives, nowMs, risk, freezes = [], policy } = known;
  const untilMs = Date.parse(forecast.document.horizonEndsAt);
  const safe = survives === 'nothing' ? ofAll(analysis) : afterLoss(analysis, survives);
  const decision = decisionOf({
    cluster,
    safe,
    isCatchUpUnknown: survives !== 'nothing' && catchUpUnknown(analysis, survives).length > 0,
    measured: analysis,
    forecast: forecast.document,
    nowMs,
    risk,
    redlineBroker: redlineBroker(analysis),
    frozen: frozenSpans(freezes, cluster, { fromMs: nowMs, untilMs }),
    policy,
  });
  if (decision === undefined) {
    throw new AppError('not-found', `the forecast ended at ${forecast.document.horizonEndsAt}`, {
      hint: 'make another: plimsoll forecast --json > forecast.json',
    });
  }
  const { tps, interval, lost, duringCatchUp, limitedBy } = safe;
  const { state, gap, peak, neededTps, probability, ceiling, options } = decision;
  return {
    schemaVersion: 1,
    kind: 'evidence-advice',
    ...(cluster !== undefined && { cluster }),
    state,
    ...(gap !== undefined && { gap }),
    peak: { ...peak, ...(forecast.entry !== undefined && { entry: forecast.entry }) },
    safe: {
      tps,
      ...(interval && { interval: defined({ low: interval.low, high: interval.high }) }),
      ...defined({ lost, duringCatchUp, limitedBy, entry }),
    },
    neededTps,
    probability,
    risk,
    ...(ceiling && { ceiling }),
    options,
  };
}

type StatedSafe = SafeRate & Pick<EvidenceAdvice['safe'], 'lost' | 'duringCatchUp' | 'limitedBy'>;

function ofAll({ safeMaxTps: safe }: Analysis): StatedSafe {
  if (safe.kind === 'unknown') {
    throw new AppError('not-found', 'the safe maximum is unknown', {
      hint: `missing: ${safe.missing.map(({ what, node }) => `${what} (${node})`).join(', ')}`,
    });
  }
  if (safe.kind === 'at-least' || safe.kind === 'observed') return { tps: safeTpsOf(safe) ?? safe.tps };
  const { tps, estimateTps, interval, limitedBy } = safe;
  return { tps, estimateTps, interval, limitedBy };
}

function afterLoss(analysis: Analysis, survives: LossKind): StatedSafe {
  refuseUnknownLosses(analysis, survives, {
    of: 'the verdict',
    otherwise: 'use --survives nothing to decide for the cluster with all its brokers',
  });
  const loss = worstLoss(analysis, survives);
  if (loss === undefined) {
    throw new AppError('not-found', `the verdict has no safe maximum after the loss of a ${survives}`, {
      hint: 'give --survives nothing, or the verdict of two or more brokers whose placement is known',
    });
  }
  const { tps, estimateTps, interval, lost, id, duringCatchUp, limitedBy } = loss;
  return { tps, estimateTps, interval, lost: { kind: lost, id }, duringCatchUp, limitedBy };
}

/** The broker that limits the cluster, if others can transfer some of their traffic to it. */
function redlineBroker({ run: { broker: kind }, perBroker, safeMaxTps }: Analysis): string | undefined {
  const traits = traitsOf(kind);
  const leading = perBroker.filter(({ broker }) => traits?.brokerId.canLead(broker));
  if (leading.length < 2) return undefined;
  const limit = 'limitedBy' in safeMaxTps ? safeMaxTps.limitedBy : undefined;
  const node = limit !== undefined && 'node' in limit ? limit.node : undefined;
  return leading.find(({ broker }) => broker === node)?.broker ?? leading[0]?.broker;
}
