// Applies every consistency check to a run, and weakens its verdict if figures contradict each other.

import type { Finding, SafeMaxTps, SaturationTps } from '../../../core/documents/analysis.ts';
import type { JudgedStep } from '../steps/step-verdict.ts';
import type { GateContext, Check } from './check.ts';

export interface Gate {
  findings: readonly Finding[];
  /** @returns the verdict, or its part that is not in doubt */
  safe(verdict: SafeMaxTps): SafeMaxTps;
  saturation(verdict: SaturationTps): SaturationTps;
  /** Returns whether no inconsistent figure affects this step or a lower one. */
  isSound(step: JudgedStep): boolean;
}

export function passGate(context: GateContext): Gate {
  const found = checks.flatMap((check) => check(context));
  const missing = found.flatMap(({ consequence }) => (consequence.kind === 'refused' ? [consequence.missing] : []));
  const doubted = new Set(
    found.flatMap(({ consequence }) => (consequence.kind === 'weakened' ? consequence.steps : [])),
  );
  const isBounded = found.some(({ consequence }) => consequence.kind === 'bounded');
  const left = <V extends SafeMaxTps | SaturationTps>(verdict: V): V | SafeMaxTps => {
    if (missing.length > 0) return refused(verdict, missing);
    return doubted.size > 0 || isBounded ? weakened(verdict, context.steps, doubted) : verdict;
  };
  return {
    findings: found.flatMap(({ finding }) => (finding ? [finding] : [])),
    safe: left,
    saturation: (verdict) => left(verdict) as SaturationTps,
    isSound: ({ step }) => missing.length === 0 && [...doubted].every((each) => step.tps < each.step.tps),
  };
}

type Unknown = Extract<SafeMaxTps, { kind: 'unknown' }>;

function refused(verdict: SafeMaxTps | SaturationTps, missing: Unknown['missing']): Unknown {
  const before = verdict.kind === 'unknown' ? verdict.missing : [];
  return { kind: 'unknown', missing: [...missing, ...before] };
}

/** The result exceeds neither the verdict without the doubt nor the throughput of a step that is not in doubt. */
function weakened<V extends SafeMaxTps | SaturationTps>(
  verdict: V,
  steps: readonly JudgedStep[],
  doubted: ReadonlySet<JudgedStep>,
): V | Unknown | Extract<SafeMaxTps, { kind: 'at-least' }> {
  if (verdict.kind === 'unknown' || verdict.kind === 'observed') return verdict;
  const lowest = Math.min(...[...doubted].map(({ step }) => step.tps));
  // A doubt at one rate may also apply at a higher one.
  const sure = steps.filter(({ verdict: { kind }, step }) => kind === 'sustained' && step.tps < lowest);
  if (sure.length === 0)
    return { kind: 'unknown', missing: [{ what: 'a sustained step whose figures agree', node: 'cluster' }] };
  const tps = Math.min(verdict.tps, Math.max(...sure.map(({ step }) => step.tps)));
  if (tps <= 0) return refused(verdict, [{ what: 'a rate that is surely within the policy limits', node: 'cluster' }]);
  const reason = verdict.kind === 'at-least' && !isBelowLaws.has(verdict.reason) ? verdict.reason : 'figures-in-doubt';
  return { kind: 'at-least', tps, reason };
}

/** Reasons that depend on the resource laws, and so on the doubtful figures. */
const isBelowLaws: ReadonlySet<string> = new Set(['no-limit-reached', 'held-too-briefly']);

/** Lists the checks that a run passes before it gets a verdict, in the order of docs/explanation/consistency.md. */
const checks: readonly Check[] = [
  (await import('./checks/line-rate.ts')).lineRate,
  (await import('./checks/duplex.ts')).duplex,
  (await import('./checks/body-bytes.ts')).bodyBytes,
  (await import('./checks/bytes-of-messages.ts')).bytesOfMessages,
  (await import('./checks/rate-units.ts')).rateUnits,
  (await import('./checks/clock-offset.ts')).clockOffset,
  (await import('./checks/wrong-host.ts')).wrongHost,
  (await import('./checks/littles-law.ts')).littlesLaw,
  (await import('./checks/replication-lag.ts')).replicationLagCheck,
  (await import('./checks/group-lag.ts')).groupLagCheck,
  (await import('./checks/disk-behind.ts')).diskBehind,
  (await import('./checks/clients-throttled.ts')).clientsThrottled,
  (await import('./checks/stated-cores.ts')).statedCores,
  (await import('./checks/cpu-limit.ts')).cpuLimit,
  (await import('./checks/stated-message-size.ts')).statedMessageSize,
  (await import('./checks/stated-replicas.ts')).statedReplicas,
  (await import('./checks/clocks.ts')).clocks,
  (await import('./checks/unsteady-use.ts')).unsteadyUse,
  (await import('./checks/missed-rates.ts')).missedRates,
  (await import('./checks/not-tuned.ts')).notTuned,
];
