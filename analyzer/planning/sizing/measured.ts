// Reads a measurement for sizing: a verdict of `plimsoll analyze --json`, or a figure with its source.

import { defined } from '../../../core/defined.ts';
import type { Analysis, Limit } from '../../../core/documents/analysis.ts';
import type { Estimate } from '../../../core/documents/cluster-plan.ts';
import type { LatencyObjective, UnusableReason } from '../../../core/documents/findings/planning-findings.ts';
import type { PlanAssumption } from '../../../core/documents/reasons/plan-assumptions.ts';
import { isRelievedByBrokers } from '../../../core/documents/safe-tps.ts';
import { resourceNames, type Resource } from '../../../core/resource.ts';
import { largest, normalQuantile } from '../../../core/statistics/statistics.ts';
import type { MeasurementSection } from '../domains/domains-file.ts';
import { latenciesOf, type Latencies, type MeasuredStep } from './latency-objective.ts';
import { measuredCluster, type VerdictOfCluster } from './measured-cluster.ts';
import type { Build } from './request.ts';
import type { SizingPolicy } from './sizing-policy.ts';

export interface Measured extends Build {
  shape: string;
  masters: number;
  messageBytes: number;
  consumerGroups: number;
  /** Bytes of its messages before over bytes after compression. */
  compressionRatio?: number;
  /** Mean of a produce request. */
  messagesPerRequest?: number;
  /** Use of CPU and queues at its highest rate, as a share of their policy limits; absent if unknown of a broker. */
  requestUse?: number;
  /** Safe maximum of the measured cluster. */
  safeTps: Estimate;
  /** Rate at which its first resource was saturated. */
  saturationTps: number;
  /** The highest rate that it achieved, or at which its verdict has all resources within the policy. */
  seenTps: number;
  /** Absent if an SLO of latency or lag was reached first, or no limit was. */
  resource?: Resource;
  isAtLeast: boolean;
  /** A figure with its source, not a verdict. */
  isStated?: true;
  source: string;
  assumptions: readonly PlanAssumption[];
  latencies?: Latencies;
  /** How the latency required by a domain limited its rates. */
  objective?: LatencyObjective;
}

export type MeasuredReading = { kind: 'measured'; measured: Measured } | { kind: 'unusable'; reason: UnusableReason };

const unusable = (reason: UnusableReason): MeasuredReading => ({ kind: 'unusable', reason });

const around = (mid: number, spread: number): Estimate => ({ low: mid * (1 - spread), mid, high: mid * (1 + spread) });

export function fromStated(section: MeasurementSection, policy: SizingPolicy): MeasuredReading {
  const { stated, masters = 1, consumerGroups = 1, messageBytes } = section;
  if (stated === undefined) throw new TypeError('a measurement without a figure');
  if (messageBytes === undefined) return unusable({ kind: 'message-size-unknown', of: stated.source });
  const limit = policy.limits[stated.limitedBy].value;
  const safe = stated.safeTps ?? (stated.saturationTps as number) * limit;
  const spread = policy.doubt.stated.value;
  return {
    kind: 'measured',
    measured: {
      ...common(section, { messageBytes, masters, consumerGroups }),
      safeTps: around(safe, spread),
      saturationTps: stated.saturationTps ?? safe / limit,
      seenTps: stated.saturationTps ?? safe,
      resource: stated.limitedBy,
      isAtLeast: false,
      isStated: true,
      source: stated.source,
      assumptions: [
        { kind: 'rate-without-interval', tps: safe, spread },
        ...(stated.safeTps === undefined ? [safeByPolicy(stated.limitedBy, policy)] : []),
        ...(stated.saturationTps === undefined ? [saturationByPolicy(limit, { isStated: true })] : []),
      ],
    },
  };
}

const safeByPolicy = (resource: Resource, { limits }: SizingPolicy): PlanAssumption => ({
  kind: 'safe-by-policy',
  limit: limits[resource].value,
  resource,
  source: limits[resource].source,
});

const saturationByPolicy = (limit: number, stated: { isStated?: true } = {}): PlanAssumption => ({
  kind: 'saturation-by-policy',
  limit,
  ...stated,
});

/** The required parts of a verdict. */
export interface MeasuredVerdict extends VerdictOfCluster, Pick<Analysis, 'safeMaxTps' | 'saturationTps'> {
  steps?: readonly MeasuredStep[] | undefined;
  resources?:
    readonly { resource: string; policyLimit: number; utilisationAtHighestStep?: number | undefined }[] | undefined;
  certificate?: object | undefined;
}

export function fromVerdict(
  section: MeasurementSection,
  analysis: MeasuredVerdict,
  file: string,
  policy: SizingPolicy,
): MeasuredReading {
  const { degraded } = analysis;
  if (degraded !== undefined) return unusable({ kind: 'degraded', of: file, lost: degraded.lost });
  const { messageBytes = section.messageBytes } = analysis.run;
  if (messageBytes === undefined) return unusable({ kind: 'message-size-unknown', of: file });
  const { messageBytes: stated = messageBytes } = section;
  if (Math.abs(stated / messageBytes - 1) > policy.messageSizeShare.value)
    return unusable({ kind: 'contradicted', of: file, setting: 'messageBytes', stated, measured: messageBytes });
  const known = measuredCluster(section, analysis, file);
  if ('kind' in known) return unusable(known);
  const { assumptions, ...cluster } = known;
  const { compressionRatio, messagesPerRequest } = analysis.run;
  const { safeMaxTps: safe, saturationTps: saturation } = analysis;
  const source = `${file}, run ${analysis.run.id}`;
  if (safe.kind === 'unknown') return unusable({ kind: 'no-safe-maximum', of: file, missing: safe.missing });
  if ('limitedBy' in safe && !isRelievedByBrokers(safe.limitedBy))
    return unusable({ kind: 'no-broker-limit', of: file, limitedBy: safe.limitedBy, tps: safe.tps });
  const resource = 'limitedBy' in safe ? resourceOf(safe.limitedBy) : undefined;
  const limit = resource === undefined ? 1 : policy.limits[resource].value;
  const measuredAt = (
    rates: Pick<Measured, 'safeTps' | 'saturationTps' | 'seenTps'>,
    assumed: readonly PlanAssumption[],
  ): MeasuredReading => ({
    kind: 'measured',
    measured: {
      ...common(section, { ...cluster, messageBytes, compressionRatio, messagesPerRequest }),
      ...rates,
      ...defined({ resource, requestUse: requestUseOf(analysis) }),
      isAtLeast: safe.kind === 'at-least',
      source,
      assumptions: [...assumptions, ...assumed],
      latencies: latenciesOf(analysis),
    },
  });
  const { tps } = safe;
  if (safe.kind === 'at-least') {
    const rates = { safeTps: around(tps, 0), saturationTps: tps, seenTps: tps };
    return measuredAt(rates, [{ kind: 'no-limit-reached', source, tps }]);
  }
  if (safe.kind === 'observed') {
    const spread = policy.doubt.stated.value;
    const rates = { safeTps: around(tps * limit, spread), saturationTps: tps, seenTps: tps };
    return measuredAt(rates, [{ kind: 'single-reading', source, limit, spread }]);
  }
  const safeTps = at80(safe.estimateTps, safe.interval);
  const seenTps = seenTpsOf(analysis, safeTps.mid);
  if ('estimateTps' in saturation) {
    return measuredAt({ safeTps, saturationTps: Math.max(saturation.estimateTps, safeTps.mid), seenTps }, []);
  }
  const saturationTps = Math.max(safeTps.mid / limit, safeTps.mid);
  return measuredAt({ safeTps, saturationTps, seenTps }, [saturationByPolicy(limit)]);
}

/** A predicted saturation was not observed. Steps of a redline concern one broker, not its cluster. */
function seenTpsOf({ saturationTps, steps = [], redline }: MeasuredVerdict, safeTps: number): number {
  if (saturationTps.kind === 'confirmed') return Math.max(safeTps, saturationTps.estimateTps);
  const achieved = (redline === undefined ? steps : []).flatMap(({ achievedTps, verdict: { kind } }) =>
    kind === 'sustained' || kind === 'saturated' ? [achievedTps] : [],
  );
  return Math.max(safeTps, ...achieved);
}

/** Resources that a request uses whatever its bytes. */
const perRequest: ReadonlySet<string> = new Set([
  'cpu',
  'threads',
  'request-handlers',
  'network-threads',
  'send-queue',
]);

function requestUseOf({ resources = [] }: MeasuredVerdict): number | undefined {
  const known = resources.filter(({ resource }) => perRequest.has(resource));
  const cpus = known.filter(({ resource }) => resource === 'cpu');
  if (cpus.length === 0 || cpus.some((each) => each.utilisationAtHighestStep === undefined)) return undefined;
  return largest(known.map(({ utilisationAtHighestStep: use = 0, policyLimit }) => use / policyLimit));
}

const common = (
  { broker, mode, replicas, shape, compressionRatio: stated }: MeasurementSection,
  {
    compressionRatio = stated,
    messagesPerRequest,
    ...known
  }: Pick<Measured, 'masters' | 'consumerGroups' | 'messageBytes'> & {
    compressionRatio?: number | undefined;
    messagesPerRequest?: number | undefined;
  },
) => ({ broker, mode, replicas, shape, ...known, ...defined({ compressionRatio, messagesPerRequest }) });

/** Quotas and queues of a broker are not resources that more machines add. */
const resourceOf = (limit: Limit): Resource | undefined =>
  'resource' in limit ? resourceNames.find((name) => name === limit.resource) : undefined;

/** Converts the interval from another confidence to 80%. */
function at80(
  mid: number,
  { low, high, confidence }: { low: number; high?: number | undefined; confidence: number },
): Estimate {
  const share = normalQuantile(0.9) / normalQuantile((1 + confidence) / 2);
  const narrowed = (end: number) => mid * (end / mid) ** share;
  const lower = low > 0 ? Math.min(mid, narrowed(low)) : mid / 2;
  return { low: lower, mid, high: Math.max(mid, narrowed(high ?? (mid * mid) / lower)) };
}
