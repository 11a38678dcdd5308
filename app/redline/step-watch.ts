// Watches a step of a redline each second: policy, SLOs, guard rules, and changes of the cluster by others.

import { baselineOf, lostAfter } from '../../brokers/canary/latency-window.ts';
import type { RedlineStopCode } from '../../core/documents/redline.ts';
import type { Policy } from '../../core/policy/policy.ts';
import { writeLatencyPolicy } from '../../core/policy/write-latency.ts';
import { durationText } from '../../core/text/duration-text.ts';
import { percentText, quantityText } from '../../core/text/quantity-text.ts';
import { isGrowing } from '../../analyzer/verdict/steps/steady-state.ts';
import type { GuardConfig } from '../../loadgen/guard/config.ts';
import type { Breach } from '../../loadgen/guard/guard.ts';
import { layoutChange, type LiveReading } from '../../ops/redline/live-load.ts';
import type { CanaryLatency } from './canary-latency.ts';
import type { LiveRecorder } from './record-live.ts';
import { defined } from '../../core/defined.ts';

/** Why a step is interrupted. */
export interface Interruption {
  code: RedlineStopCode;
  message: string;
  input?: string;
  value?: number;
  limit?: number;
}

export interface StepWatchParts {
  recorder: Pick<LiveRecorder, 'recentUses' | 'lagSince' | 'underReplicated' | 'elapsed'>;
  /** Name of the broker in texts. */
  broker: string;
  policy: Policy;
  guard: Pick<GuardConfig, 'p99' | 'lagMessages'>;
  maxNicShare: number;
  /** Messages per second of the cluster. */
  clusterTps: number;
  /** Messages per second that each group consumes, to convert its lag to time. */
  groupTps: ReadonlyMap<string, number>;
  canary?: CanaryLatency;
  /** Violated guard rule. */
  breach(): Breach | undefined;
}

/** The policy limits the p99 of one-second samples: a single second above the limit is no violation, a mean of five is. */
const useWindow = 5;

/** A group that consumes less than half of the incoming messages has practically stopped, however small its traffic. */
const stoppedShare = 0.5;

export function createStepWatch(parts: StepWatchParts) {
  let layout: LiveReading['layout'] = new Map();
  let brokers = new Set<string>();
  let behindAtFirst: number | undefined;
  let p99AtFirst: number | undefined;

  return {
    /** Sets the layout that others must not change. */
    expect(reading: LiveReading): void {
      layout = reading.layout;
      if (brokers.size === 0) brokers = new Set(reading.brokers);
      behindAtFirst ??= parts.recorder.underReplicated();
      p99AtFirst ??= baselineOf(parts.canary?.p99(writeLatencyPolicy.samplesSeconds.value));
    },
    /** @param begun start of the step, on the clock of the recorder */
    look: (reading: LiveReading, begun: number) =>
      ofCluster(reading) ?? ofGuard() ?? ofPolicy(begun) ?? ofLatency(begun) ?? ofLag(begun),
    growingLag(begun: number): Interruption | undefined {
      const most = parts.policy.step.growthShare.value * parts.clusterTps;
      for (const [group, lags] of parts.recorder.lagSince(begun)) {
        if (isGrowing(lags, Math.min(most, stoppedShare * tpsOf(group))))
          return { code: 'slo', input: `lag of ${group}`, message: `the lag of group ${group} grows` };
      }
      return undefined;
    },
  };

  /** A group without traffic at planning time has no rate; the rate of the cluster is its upper bound. */
  function tpsOf(group: string): number {
    return parts.groupTps.get(group) ?? parts.clusterTps;
  }

  function ofCluster(reading: LiveReading): Interruption | undefined {
    const changed = (message: string): Interruption => ({ code: 'cluster-changed', message });
    const lost = [...brokers].filter((id) => !reading.brokers.includes(id));
    if (lost.length > 0) return changed(`broker ${lost.join(', ')} left the cluster`);
    const other = layoutChange(layout, reading);
    if (other !== undefined) return changed(other);
    const behind = parts.recorder.underReplicated();
    if (behind !== undefined && behind > (behindAtFirst ?? 0))
      return changed(`${behind} partitions are under-replicated`);
    return undefined;
  }

  function ofGuard(): Interruption | undefined {
    const breach = parts.breach();
    if (breach === undefined) return undefined;
    const { input, reason, value, limit } = breach;
    return { code: 'guard', input, message: reason, ...defined({ value, limit }) };
  }

  function ofPolicy(begun: number): Interruption | undefined {
    if (parts.recorder.elapsed() - begun < useWindow) return undefined;
    for (const [resource, use] of parts.recorder.recentUses(useWindow)) {
      const policyLimit = limitOf(resource);
      if (policyLimit === undefined || use <= policyLimit) continue;
      const message = `${resource} of the host of broker ${parts.broker} is at ${percentText(use)}, its limit is ${percentText(policyLimit)}`;
      return { code: 'limit', input: resource, message, value: use, limit: policyLimit };
    }
    return undefined;
  }

  function limitOf(resource: string): number | undefined {
    const { limits } = parts.policy;
    if (!Object.hasOwn(limits, resource)) return undefined;
    const { value } = limits[resource as keyof typeof limits];
    return resource.startsWith('network-') ? Math.min(value, parts.maxNicShare) : value;
  }

  function ofLatency(begun: number): Interruption | undefined {
    const { canary } = parts;
    if (canary === undefined) return undefined;
    const elapsed = parts.recorder.elapsed();
    const samplesSeconds = writeLatencyPolicy.samplesSeconds.value;
    const p99 = canary.p99(Math.min(elapsed - begun, samplesSeconds));
    const input = 'p99 of writes';
    if (p99 === undefined) {
      // Steps may be shorter than the window.
      if (elapsed < samplesSeconds || canary.p99(samplesSeconds) !== undefined) return undefined;
      const why = canary.reason() ?? 'too few writes were acknowledged';
      return { code: 'slo', input, message: `the p99 of writes of the canary is unknown: ${why}` };
    }
    const slow = (most: number, why: string): Interruption => ({
      code: 'slo',
      input,
      message: `the p99 of writes is ${durationText(p99)}, ${why} ${durationText(most)}`,
      value: p99,
      limit: most,
    });
    const promised = parts.policy.slo?.publishLatencyP99?.value;
    if (promised !== undefined && p99 > promised) return slow(promised, 'above the SLO of');
    if (parts.guard.p99 !== undefined && p99 > parts.guard.p99)
      return slow(parts.guard.p99, 'above the limit of the guard,');
    if (p99 >= lostAfter) {
      const why = canary.reason();
      const message = `at least 1% of the writes of the canary failed or took ${durationText(lostAfter)}${why === undefined ? '' : `; last failure of the canary: ${why}`}`;
      return { code: 'slo', input, message, value: p99, limit: lostAfter };
    }
    const { pauseRatio, unnoticedSeconds } = writeLatencyPolicy;
    if (p99AtFirst === undefined) return undefined;
    const most = Math.max(unnoticedSeconds.value, pauseRatio.value * p99AtFirst);
    if (p99 > most) return slow(most, `with ${durationText(p99AtFirst)} in the first step the limit is`);
    return undefined;
  }

  function ofLag(begun: number): Interruption | undefined {
    const { lagMessages } = parts.guard;
    const lagTime = parts.policy.slo?.lagTime?.value;
    for (const [group, lags] of parts.recorder.lagSince(begun)) {
      const lag = lags.at(-1);
      if (lag === undefined) continue;
      const input = `lag of ${group}`;
      if (lagMessages !== undefined && lag > lagMessages) {
        const message = `the lag of group ${group} is ${quantityText(lag)} messages, above the ${quantityText(lagMessages)} of the guard`;
        return { code: 'slo', input, message, value: lag, limit: lagMessages };
      }
      const time = lagTime === undefined ? 0 : lagSeconds(lags, tpsOf(group), lagTime);
      if (lagTime !== undefined && time > lagTime) {
        const message = `the lag of group ${group} is ${durationText(time)}, above the SLO of ${durationText(lagTime)}`;
        return { code: 'slo', input, message, value: time, limit: lagTime };
      }
    }
    return undefined;
  }
  /** Lag relative to the cluster's traffic is a certain violation. Relative to the group's traffic it may follow a burst, so it must last for the time of the SLO. */
  function lagSeconds(lags: readonly number[], tps: number, lagTime: number): number {
    const { clusterTps } = parts;
    const certain = clusterTps > 0 ? (lags.at(-1) ?? 0) / clusterTps : 0;
    const samples = Math.ceil(lagTime);
    if (lags.length <= samples || !(tps > 0)) return certain;
    return Math.max(certain, Math.min(...lags.slice(-samples - 1)) / tps);
  }
}
