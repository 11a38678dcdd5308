// Computes the factor on the bytes of each card and disk, by protocol arithmetic before and after the change.

import { traitsOf, byKind } from '../../../core/broker-kind/registry.ts';
import { AppError } from '../../../core/errors.ts';
import { loadsOf, slopeOf } from '../../verdict/findings/byte-findings.ts';
import type { GatheredEvidence } from '../../verdict/analyze-run.ts';
import type { LoadTestRun } from '../../evidence/load-test-run.ts';
import { messageCost, lineBytes, type MessageCost, type PeerKind } from '../../../core/wire/message-cost.ts';
import type { ClusterLoad } from '../../../core/wire/cluster-load.ts';
import { expectedBytes } from '../../../core/wire/expected-bytes.ts';
import type { Alternative } from './alternative.ts';

interface NodeFactors {
  in: number;
  out: number;
  disk: number;
  /** Factor on in and out together. */
  bytes: number;
}

export interface ChangedBytes {
  /** Factors by broker id. */
  ofNode(id: string): NodeFactors;
  /** Factors on message bytes in producer requests, and in responses to all groups, as quotas count them. */
  produced: number;
  fetched: number;
  /** Measured message bytes over computed ones, all brokers together; absent if a card was not read. */
  calibration: { in?: number; out?: number };
  before: ClusterLoad;
  after: ClusterLoad;
}

/** `batch.size` of a Kafka producer, the maximum of a batch. */
const fullBatchBytes = 16_384;

/** @throws AppError usage if the cost of a message is unknown for the run, or the alternative has no such cluster */
export function changedBytes(run: LoadTestRun, evidence: GatheredEvidence, change: Alternative): ChangedBytes {
  const { steps, uses } = evidence;
  const points = steps.flatMap(({ verdict, step }, index) => (verdict.kind === 'sustained' ? [{ step, index }] : []));
  const measured = {
    in: slopeOf('in', run, points, uses).in?.value,
    out: slopeOf('out', run, points, uses).out?.value,
  };
  const before = nearestLoad(loadsOf(run, points), measured);
  if (before === undefined) {
    throw new AppError(
      'usage',
      '--what-if: broker, message size, copies or groups of the run are unknown, so its cost per message cannot be transferred',
      { hint: 'of files of other tools state them when they are joined; docs/explanation/what-if.md' },
    );
  }
  const after = changedLoad(before, change);
  const cost = { before: messageCost(before), after: messageCost(after) };
  const expected = sumsOf(cost.before);
  const ratio = (of: (cost: MessageCost) => number) => of(cost.after) / of(cost.before);
  const produced = ratio((each) => payloadOf(each, 'producer', 'in'));
  const fetched = ratio((each) => payloadOf(each, 'consumer', 'out'));
  return {
    before,
    after,
    produced,
    // Without a group before, fetched bytes did not belong to this load.
    fetched: Number.isFinite(fetched) ? fetched : produced,
    calibration: {
      ...(measured.in !== undefined && { in: measured.in / expected.in }),
      ...(measured.out !== undefined && { out: measured.out / expected.out }),
    },
    ofNode: (id) => factorsOf(id, before, after, cost),
  };
}

function changedLoad(before: ClusterLoad, change: Alternative): ClusterLoad {
  const { messageBytes = before.bodyBytes, groups = before.groups, replicas = before.replicas } = change;
  const ratio = change.compression === undefined ? before.compressionRatio : 1 / change.compression;
  const packed = ratio === undefined ? {} : { compressionRatio: ratio };
  const common = { bodyBytes: messageBytes, groups, replicas, ...packed };
  return byKind<ClusterLoad, ClusterLoad>(before, {
    kafka(load) {
      const most = Math.max(1, Math.floor((fullBatchBytes * (ratio ?? 1)) / messageBytes));
      const { recordsPerBatch } = load;
      return { ...load, ...common, ...(recordsPerBatch && { recordsPerBatch: Math.min(recordsPerBatch, most) }) };
    },
    rocketmq(load) {
      if (replicas > 1 && load.mode === 'single')
        throw new AppError(
          'usage',
          '--what-if: replicas: the masters of this run had no slave, so the replication traffic is unknown',
          {
            hint: 'plimsoll bytes --mode master-slave --replicas 2 does the arithmetic of a cluster that was not measured',
          },
        );
      if (replicas > 1 || load.mode === 'single') return { ...load, ...common };
      const { pushBatch: _, messagesPerTransfer: __, ...rest } = load;
      return { ...rest, ...common, mode: 'single' };
    },
  });
}

/** Among the possible values of unknown settings, the load closest to the measurement. */
function nearestLoad(
  loads: readonly ClusterLoad[],
  measured: { in: number | undefined; out: number | undefined },
): ClusterLoad | undefined {
  const missOf = (load: ClusterLoad) => {
    const expected = expectedBytes(load, { of: 'cluster', as: 'wire' });
    const misses = (['in', 'out'] as const).map((direction) => {
      const value = measured[direction];
      const { low, high } = expected[direction];
      return value === undefined || value <= 0 ? 0 : Math.abs(Math.log(value / Math.min(high, Math.max(low, value))));
    });
    return Math.max(...misses);
  };
  return loads.toSorted((a, b) => missOf(a) - missOf(b))[0];
}

const payloadOf = ({ parts }: MessageCost, of: PeerKind, direction: 'in' | 'out'): number =>
  parts.reduce((sum, part) => sum + (part.peer === of ? part[direction].payload : 0), 0);

/** All cards together: a follower receives what a leader sends. */
function sumsOf(cost: MessageCost): { in: number; out: number } {
  const [leader, followers] = [lineBytes(cost), lineBytes(cost, 'follower')];
  return { in: leader.in + followers.out, out: leader.out + followers.in };
}

function factorsOf(
  id: string,
  before: ClusterLoad,
  after: ClusterLoad,
  cost: Record<'before' | 'after', MessageCost>,
): NodeFactors {
  const of = (load: ClusterLoad, each: MessageCost) => {
    // Every Kafka broker leads its share and follows the rest; a RocketMQ master and its slave have different cards.
    if (traitsOf(load.broker).copies === 'any-broker') return { ...sumsOf(each), disk: each.diskBytes * load.replicas };
    const [all, followers] = [lineBytes(each), lineBytes(each, 'follower')];
    const isSlave = /:[1-9]\d*$/.test(id) && load.replicas > 1;
    const others = Math.max(1, load.replicas - 1);
    return isSlave
      ? { in: followers.out / others, out: followers.in / others, disk: each.diskBytes }
      : { ...all, disk: each.diskBytes };
  };
  const [a, b] = [of(before, cost.before), of(after, cost.after)];
  return {
    in: b.in / a.in,
    out: b.out / a.out,
    disk: b.disk / a.disk,
    bytes: (b.in + b.out) / (a.in + a.out),
  };
}
