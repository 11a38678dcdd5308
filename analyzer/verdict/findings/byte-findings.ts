// Compares the bytes of a run with what its protocols need, and explains a difference.

import type { ByKind } from '../../../core/broker-kind/registry.ts';
import { mostCopies } from '../../../core/broker-kind/rocketmq.ts';
import { generatorHostsOf } from '../../../core/documents/evidence/telemetry.ts';
import type { Finding } from '../../../core/documents/analysis.ts';
import { keyBytesOf } from '../../evidence/key-bytes.ts';
import type { LoadTestRun } from '../../evidence/load-test-run.ts';
import type { ResourceUse } from '../limits/resource-use.ts';
import { slopeInterval } from '../../../core/statistics/regression.ts';
import type { JudgedStep } from '../steps/step-verdict.ts';
import type { MeasuredBytes } from '../../evidence/bytes/byte-explanations.ts';
import { type ClusterLoad, type RocketmqLoad, rocketmqVariants } from '../../../core/wire/cluster-load.ts';
import { byteFindings } from '../../evidence/bytes/discrepancy.ts';
import { defined } from '../../../core/defined.ts';

/** Confidence of the slope; only significant differences are reported. */
const confidence = 0.95;
/** Assumed lengths of unrecorded names, which have little effect. */
const unknownNames = { topicBytes: 20, groupBytes: 20, clusterNameBytes: 10 };

/**
 * Compares the slopes of all brokers' cards together with the cost of one message. Bytes that do not grow with the load
 * do not belong to a message.
 *
 * @returns an empty list if a broker's card was not monitored, the workload is unknown, or any assumption for unknown
 * values fits
 */
export function runByteFindings(
  run: LoadTestRun,
  steps: readonly JudgedStep[],
  uses: readonly ResourceUse[],
): Finding[] {
  if (!haveCardsOfTheirOwn(run)) return [];
  const points = sustainedPoints(steps);
  const loads = loadsOf(run, points);
  const measured: MeasuredBytes = {
    ...slopeOf('in', run, points, uses),
    ...slopeOf('out', run, points, uses),
  };
  if (measured.in === undefined && measured.out === undefined) return [];
  const findingsOfLoads = loads.map((load) =>
    byteFindings({ ...load, measured, viewpoint: { of: 'cluster', as: 'wire' } }),
  );
  return findingsOfLoads.some((findings) => findings.length === 0) ? [] : (findingsOfLoads[0] ?? []);
}

/** Traffic between processes of one host does not pass a card. Files of other tools rarely name the generator's host. */
export function haveCardsOfTheirOwn({ document: { environment } }: LoadTestRun): boolean {
  const hosts = [...environment.brokers.map(({ host }) => host), ...generatorHostsOf(environment)];
  return !hosts.includes(undefined) && new Set(hosts).size === hosts.length;
}

type Point = Pick<JudgedStep, 'step'> & { index: number };

/** @returns the sustained steps with their indices */
export const sustainedPoints = (steps: readonly JudgedStep[]): Point[] =>
  steps.flatMap(({ verdict, step }, index) => (verdict.kind === 'sustained' ? [{ step, index }] : []));

/** Bytes per message of all brokers' cards together, with an interval; empty if a card was not read. */
export function slopeOf(
  direction: 'in' | 'out',
  { document }: LoadTestRun,
  points: readonly Point[],
  uses: readonly ResourceUse[],
): MeasuredBytes {
  const cards = document.environment.brokers.map(({ id }) =>
    uses.find(({ resource, node }) => resource === `network-${direction}` && node === id),
  );
  const sums = points.map(({ index }) => cards.reduce((sum, card) => sum + (card?.uses[index]?.mean ?? Number.NaN), 0));
  if (cards.length === 0 || sums.some(Number.isNaN)) return {};
  const rates = points.map(({ step }) => step.tps);
  const slope = slopeInterval(rates, sums, confidence);
  return slope === undefined ? {} : { [direction]: slope };
}

/** @returns bytes before compression over bytes after it; undefined if unknown, or if bodies are random and incompressible */
export function compressionRatioOf({ document: { resume } }: LoadTestRun): number | undefined {
  const { compression, compressionRatio } = resume?.workload ?? {};
  return compression !== 'none' && typeof compressionRatio === 'number' ? compressionRatio : undefined;
}

/** As storedLoads, without those whose bytes on the network are unknown, because sends have no response. */
export const loadsOf = (run: LoadTestRun, points: readonly Point[]): ClusterLoad[] =>
  run.document.workload.acks === 'none' ? [] : storedLoads(run, points);

/** Returns the possible loads, with every combination of values that the run does not record. */
export function storedLoads(run: LoadTestRun, points: readonly Point[]): ClusterLoad[] {
  const { broker, workload } = run.document;
  const { messageBytes } = workload;
  const groups =
    workload.groups ?? (run.consumed.length > 0 ? new Set(run.consumed.map(({ group }) => group)).size : undefined);
  if (broker === undefined || messageBytes === undefined || groups === undefined) return [];
  const perRequest = points.flatMap(({ step }) =>
    step.requestsPerSecond === undefined ? [] : [Math.max(1, step.tps / step.requestsPerSecond)],
  );
  const fewest = perRequest.length > 0 ? Math.min(...perRequest) : undefined;
  const common = {
    groups,
    bodyBytes: messageBytes,
    topicBytes: workload.topic?.length ?? unknownNames.topicBytes,
    groupBytes: unknownNames.groupBytes,
    ...defined({ fewestPerPull: fewestPulled(points), compressionRatio: compressionRatioOf(run) }),
  };
  const loads = loadsBy[broker](run, common, fewest);
  const { least, most } = keyBytesOf(run.document);
  return loads.flatMap((load) => [...new Set([least, most])].map((keyBytes) => ({ ...load, keyBytes })));
}

/** @returns messages per pull response, of the group and step with the fewest; undefined if they were not counted */
function fewestPulled(points: readonly Point[]): number | undefined {
  const all = points.flatMap(({ step }) =>
    step.groups.map(({ tps, batchesPerSecond }) =>
      batchesPerSecond === undefined ? undefined : Math.max(1, tps / batchesPerSecond),
    ),
  );
  const known = all.filter((each) => each !== undefined);
  return known.length > 0 && known.length === all.length ? Math.min(...known) : undefined;
}

type Common = Pick<
  ClusterLoad,
  'groups' | 'bodyBytes' | 'topicBytes' | 'groupBytes' | 'fewestPerPull' | 'compressionRatio'
>;

const loadsBy: ByKind<(run: LoadTestRun, common: Common, fewest: number | undefined) => ClusterLoad[]> = {
  kafka: kafkaLoads,
  rocketmq: rocketmqLoads,
};

function kafkaLoads({ document }: LoadTestRun, common: Common, fewest: number | undefined): ClusterLoad[] {
  const { workload, environment } = document;
  const replicas =
    document.degraded?.copies ?? workload.replicationFactor ?? (environment.brokers.length === 1 ? 1 : undefined);
  if (replicas === undefined) return [];
  const load = { broker: 'kafka', mode: 'kraft', replicas, ...common } as const;
  // Batches that grow with the load cost less than the smallest of them, and more than full ones.
  return fewest === undefined ? [load] : [{ ...load, recordsPerBatch: fewest }, load];
}

function rocketmqLoads(run: LoadTestRun, common: Common, fewest: number | undefined): ClusterLoad[] {
  const { environment, cluster, sources, signed } = run.document;
  return rocketmqVariants(mostCopies(environment.brokers)).flatMap((variant) => {
    const load: RocketmqLoad = {
      ...variant,
      ...common,
      clusterNameBytes: cluster.length,
      client: sources !== undefined ? 'java' : signed === true ? 'plimsoll-signed' : 'plimsoll',
      ...(fewest !== undefined && { messagesPerRequest: fewest }),
    };
    // A producer that does not wait for responses combines many requests in one write.
    return [load, { ...load, requestsPerWrite: 16, answersPerSegment: 2 }];
  });
}
