// Extrapolates a measured message rate to another host type or another load.

import { defined } from '../../../core/defined.ts';
import type { Shape } from '../../../core/documents/cluster-plan.ts';
import type { PlanAssumption } from '../../../core/documents/reasons/plan-assumptions.ts';
import type { LoadDraws } from './cluster-load-draws.ts';
import type { Measured } from './measured.ts';
import { messageVector } from './message-vector.ts';
import type { Build } from './request.ts';
import type { SizingPolicy } from './sizing-policy.ts';
import type { LatencyObjective } from '../../../core/documents/findings/planning-findings.ts';
import type { MissedLatency } from '../../../core/documents/reasons/rejection-reasons.ts';
import type { Capacity } from './capacity.ts';

interface Found {
  measured: Measured;
  /** Host type of the measurement, if the catalogue contains it. */
  shape: Shape | undefined;
}

/**
 * Requires the same broker kind and mode, because no mode predicts another (apache/rocketmq#2278: 13,000 with DLedger where a master with
 * a slave reached 100,000). Prefers the same host type, the same number of copies, then the closest number of cores; then one
 * that reached a limit, a verdict over a stated figure, the most similar messages, and the lowest rate. The order of
 * the file does not matter. If the nearest missed the latency objective at its lowest rate, none is used: another one
 * shows no latency of this host type.
 */
export function measurementFor(
  shape: Shape,
  build: Build,
  measurements: readonly Measured[],
  shapes: readonly Shape[],
  meanBytes: number,
): Found | undefined {
  const known = measurements
    .filter((measured) => isOfBuild(measured, build))
    .map((measured) => ({ measured, shape: shapes.find(({ name }) => name === measured.shape) }))
    .filter((each) => each.shape !== undefined || each.measured.shape === shape.name);
  const distance = ({ measured, shape: at }: Found) =>
    (measured.shape === shape.name ? 0 : 1 + Math.abs(Math.log(shape.cores / (at?.cores ?? shape.cores)))) +
    (measured.replicas === build.replicas ? 0 : 0.5);
  const criteria: readonly ((found: Found) => number)[] = [
    distance,
    ({ measured: { objective } }) => (objective === undefined ? 0 : objectives.indexOf(objective.kind)),
    ({ measured }) => Number(measured.isAtLeast),
    ({ measured }) => Number(measured.isStated === true),
    ({ measured }) => Math.abs(Math.log(meanBytes / bytesOf(measured))),
    ({ measured }) => measured.safeTps.mid / measured.masters,
  ];
  const [nearest] = known.toSorted((one, two) =>
    criteria.reduce((order, criterion) => order || criterion(one) - criterion(two), 0),
  );
  return nearest?.measured.objective?.kind === 'missed' ? undefined : nearest;
}

/** Preference on one host type: a known latency before an unknown one, and one within the objective first. */
const objectives: readonly LatencyObjective['kind'][] = ['kept', 'missed', 'unmeasured'];

const isOfBuild = ({ broker, mode }: Measured, build: Pick<Build, 'broker' | 'mode'>) =>
  broker === build.broker && mode === build.mode;

/** @returns of the measurements of this broker and mode, the first that misses the latency objective at its lowest rate */
export function missedObjective(
  measurements: readonly Measured[],
  build: Pick<Build, 'broker' | 'mode'>,
): MissedLatency | undefined {
  for (const measured of measurements) {
    if (measured.objective?.kind !== 'missed' || !isOfBuild(measured, build)) continue;
    const { kind: _, ...missed } = measured.objective;
    return missed;
  }
  return undefined;
}

/** Network bytes of one of its messages. */
function bytesOf(measured: Measured): number {
  const vector = messageVector(measured, measured, measured.messageBytes);
  return vector.in + vector.out;
}

export function extrapolatedMessages(
  { measured, shape: measuredShape }: Found,
  shape: Shape,
  build: Build,
  { meanBytes, meanGroups, requests }: Pick<LoadDraws, 'meanBytes' | 'meanGroups' | 'requests'>,
  policy: SizingPolicy,
): { messages: Capacity; assumptions: PlanAssumption[] } {
  const assumptions: PlanAssumption[] = [];
  const doubts: number[] = [];
  const byBytes = meanBytes / bytesOf(measured);
  const byDeliveries = (1 + meanGroups) / (1 + measured.consumerGroups);
  const { messagesPerRequest: batch, requestUse = 1 } = measured;
  const byRequests = batch === undefined ? undefined : batch * requests.stated + requests.unstatedShare;
  const isOwn = !['network-in', 'network-out', 'disk-io'].includes(measured.resource ?? 'cpu');
  // The rest of CPU and queues is left for more requests if the measurement reached another limit, or none.
  const used = isOwn && !measured.isAtLeast ? 1 : Math.min(1, requestUse);
  // Never above the measured rate, however small the messages are.
  const work = Math.max(1, byBytes, byDeliveries, used * (byRequests ?? 1));
  if (work > 1.25 || byBytes < 0.75) {
    doubts.push(policy.doubt.workload.value);
    const factors = { bytes: byBytes, deliveries: byDeliveries, ...defined({ requests: byRequests }) };
    assumptions.push(
      work > 1
        ? { kind: 'costlier-messages', work, ...factors, ...(used < 1 && { requestUse: used }) }
        : { kind: 'smaller-messages', bytes: byBytes },
    );
  }
  if (batch === undefined ? requests.stated > 0 : batch > 1.25 && requests.unstatedShare > 0) {
    assumptions.push({ kind: 'batches-assumed', ...defined({ measured: batch }) });
  }
  let ratio = 1;
  if (measured.shape !== shape.name && measuredShape !== undefined) {
    const cores = shape.cores / measuredShape.cores;
    ratio = Math.min(policy.beyondShape.value, cores);
    doubts.push(0.1 + policy.doubt.shape.value * Math.abs(Math.log(cores)));
    assumptions.push({ kind: 'scaled-by-cores', shape: shape.name, measuredShape: measured.shape, ratio });
  }
  if (measured.replicas !== build.replicas) {
    doubts.push(policy.doubt.replicas.value);
    assumptions.push({ kind: 'other-copies', measured: measured.replicas, planned: build.replicas });
  }
  const factor = ratio / work / measured.masters;
  const widened = (end: number) => Math.hypot(Math.log(end), ...doubts.map((doubt) => Math.log(1 + doubt)));
  const { low, mid, high } = measured.safeTps;
  if (!isOwn) {
    assumptions.push({ kind: 'cpu-limit-unknown', resource: String(measured.resource) });
  }
  return {
    messages: {
      // The CPU limit is unknown, and the predicted saturation of another resource does not show it.
      safe: (isOwn ? mid : Math.min(measured.saturationTps, measured.seenTps)) * factor,
      full: measured.saturationTps * factor,
      low: Math.exp(-widened(low / mid)),
      high: measured.isAtLeast ? 1 : Math.exp(widened(high / mid)),
      draws: 'capacity',
      source: isOwn
        ? `${measured.source}, limited by ${measured.resource ?? 'a promise'}`
        : `${measured.source}, as far as it was seen`,
    },
    assumptions,
  };
}
