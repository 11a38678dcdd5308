// Converts the verdict on one broker under live traffic to that of its cluster, by the shares of the leaders.

import type { Analysis, HeldRate, Limit, SafeMaxTps, SaturationTps } from '../../core/documents/analysis.ts';
import { setsLimit } from '../../core/policy/policy.ts';
import { followsTraffic } from '../../core/resource.ts';
import type { RedlineBasis } from '../../core/documents/redline-basis.ts';
import type { LoadTestRun } from '../evidence/load-test-run.ts';
import type { Evidence } from './evidence.ts';
import { brokersOf } from './limits/ceilings.ts';
import { atMostSustained } from './safe-max.ts';

type OfBroker = Pick<Analysis, 'safeMaxTps' | 'saturationTps'> & { held: HeldRate | undefined };
type OfCluster = Pick<Analysis, 'safeMaxTps' | 'saturationTps' | 'redline'>;

/**
 * The broker that leads most handles L of the cluster's rate X. If the broker under test may lead M, the cluster may
 * reach X · M / L, assuming that all other brokers are like it. Other work of a broker (following, consumers' requests,
 * idle work) grows with the cluster, too, but stayed constant in the redline: the lower end treats all use at the usual
 * layout as growing with the cluster, X · limit / use.
 */
export function redlineOf(basis: RedlineBasis, run: LoadTestRun, evidence: Evidence, own: OfBroker): OfCluster {
  const { saturationTps, held } = own;
  const safeMaxTps = run.status === 'completed' ? own.safeMaxTps : atMostSustained(own.safeMaxTps, evidence.steps);
  const redline = { ...basis, safeMaxTps, saturationTps, ...(held && { held }) };
  const perLed = clusterPerLed(basis);
  if (perLed === undefined) {
    const unknown = { kind: 'unknown' as const, missing: [{ what: 'leaders with traffic', node: 'cluster' }] };
    return { safeMaxTps: unknown, saturationTps: unknown, redline };
  }
  const usual = usualCeiling(basis, evidence);
  return {
    safeMaxTps: scaledSafe(safeMaxTps, perLed, usual),
    saturationTps: scaledSaturation(saturationTps, perLed),
    redline: { ...redline, ...(held && { heldClusterTps: Math.min(held.tps * perLed, usual?.tps ?? Infinity) }) },
  };
}

/** Cluster rate per message led by the broker that leads most; undefined without traffic. */
function clusterPerLed({ clusterTps, ledTps }: RedlineBasis): number | undefined {
  const most = Math.max(0, ...Object.values(ledTps));
  return most > 0 && clusterTps > 0 ? clusterTps / most : undefined;
}

interface UsualCeiling {
  tps: number;
  limit: Limit;
}

/**
 * The cluster rate at which a broker with the usual layout reaches a policy limit, if all of its use grows with the
 * cluster. The first step has the usual layout. The broker that leads most has more of the use that grows with leading.
 */
function usualCeiling(
  { broker, clusterTps, ledTps }: RedlineBasis,
  { resources, steps }: Evidence,
): UsualCeiling | undefined {
  const base = steps.findIndex(({ verdict }) => verdict.kind === 'sustained');
  const own = ledTps[broker] ?? 0;
  const most = Math.max(...Object.values(ledTps));
  // The plan was made seconds earlier, so its traffic may differ. After leaders have moved, the broker leads more than usual.
  const isUsual = steps.slice(0, Math.max(0, base)).every(({ step }) => step.recorded.isDiscarded === true);
  const led = isUsual ? steps[base]?.step.tps : undefined;
  const usualTps = own > 0 && led !== undefined ? (led * clusterTps) / own : clusterTps;
  return brokersOf(resources)
    .flatMap((each): UsualCeiling[] => {
      if (!setsLimit(each.policyLimit)) return [];
      // Later steps lead more than usual, so their use is at least that of the missing step.
      const p99 = (each.uses[base] ?? each.uses.find((use) => use !== undefined))?.p99 ?? 0;
      const use = each.law !== undefined && own > 0 ? (p99 * most) / own : p99;
      // Memory and heap fill regardless of the load.
      if (use <= 0 || !followsTraffic(each.resource)) return [];
      const tps = (usualTps * each.policyLimit * each.capacity.value) / use;
      return [{ tps, limit: { resource: each.resource, node: each.node } }];
    })
    .toSorted((a, b) => a.tps - b.tps)[0];
}

function scaledSafe(safe: SafeMaxTps, perLed: number, usual: UsualCeiling | undefined): SafeMaxTps {
  switch (safe.kind) {
    case 'confirmed':
    case 'predicted': {
      const scaled = scaledPrediction(safe, perLed);
      if (usual === undefined || usual.tps >= scaled.tps) return { kind: 'predicted', ...scaled };
      const interval = { ...scaled.interval, low: usual.tps };
      const limitedBy = usual.tps < 0.9 * scaled.tps ? usual.limit : scaled.limitedBy;
      return { kind: 'predicted', ...scaled, tps: usual.tps, interval, limitedBy };
    }
    case 'at-least':
      return { kind: 'at-least', tps: Math.min(safe.tps * perLed, usual?.tps ?? Infinity), reason: safe.reason };
    case 'unknown':
      return { ...safe, ...(safe.below && { below: { ...safe.below, tps: safe.below.tps * perLed } }) };
    case 'observed':
      return safe;
  }
}

function scaledSaturation(saturation: SaturationTps, perLed: number): SaturationTps {
  switch (saturation.kind) {
    case 'confirmed':
    case 'predicted': {
      const extrapolationFactor = saturation.kind === 'confirmed' ? 1 : saturation.extrapolationFactor;
      return { kind: 'predicted', ...scaledPrediction(saturation, perLed), extrapolationFactor };
    }
    case 'at-least':
      return { kind: 'at-least', tps: saturation.tps * perLed, reason: saturation.reason };
    default:
      return saturation;
  }
}

type Prediction = Pick<Extract<SafeMaxTps, { kind: 'predicted' }>, 'tps' | 'estimateTps' | 'interval' | 'limitedBy'>;

function scaledPrediction({ tps, estimateTps, interval, limitedBy }: Prediction, factor: number): Prediction {
  const { low, high, confidence } = interval;
  return {
    tps: tps * factor,
    estimateTps: estimateTps * factor,
    interval: { low: low * factor, ...(high !== undefined && { high: high * factor }), confidence },
    limitedBy,
  };
}
