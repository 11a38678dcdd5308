// Sums the journal of a run: steps, bytes on the wire and, with the delivery check, the fate of every message.

import { traitsOf } from '../../core/broker-kind/registry.ts';
import type { BrokerKind } from '../../core/cluster.ts';
import type { TelemetryEnvironment } from '../../core/documents/evidence/telemetry.ts';
import type { Calibration } from '../../core/documents/generator-calibration.ts';
import type { JournalLine } from '../../core/documents/run-bundle.ts';
import { createDeliveryCheck, type DeliveryCheck } from '../delivery/delivery-check.ts';
import type { Workload } from '../plan/workload.ts';
import { createRunProgressSum, type RunProgressSum } from './run-progress-sum.ts';
import { watchWire, type WireWatch } from './wire-check.ts';
import { wirePartsOf } from './wire-loads.ts';

export interface AccountedRun {
  broker: BrokerKind;
  cluster: string;
  environment: TelemetryEnvironment;
  /** Replication factor of the run's topics. */
  replicationFactor: number;
  /** Absent in bundles of early versions. */
  workload: Workload | undefined;
  topics: readonly string[];
  groups: readonly string[];
  calibration: Calibration | undefined;
  /** RocketMQ: address of the proxy that the load goes through. */
  proxy: string | undefined;
  /** RocketMQ: true if requests are signed. */
  signed: boolean;
}

export interface RunAccount {
  readonly sum: RunProgressSum;
  readonly wire: WireWatch;
  /** Absent without the delivery check. */
  readonly ledger?: DeliveryCheck;
  add(line: JournalLine): void;
}

/** @param begun sums of earlier attempts of the run */
export function createRunAccount(
  { workload, topics, groups, calibration, cluster, proxy, signed, ...where }: AccountedRun,
  begun?: Pick<RunAccount, 'sum' | 'ledger'>,
): RunAccount {
  const sum = begun?.sum ?? createRunProgressSum(groups, calibration);
  const ledger =
    workload?.ledger === true ? (begun?.ledger ?? deliveryCheckOf(where.broker, workload, topics, groups)) : undefined;
  const wire = watchWire(wirePartsOf(where, workload, { topic: topics[0], group: groups[0], cluster, proxy, signed }));
  return {
    sum,
    wire,
    ...(ledger && { ledger }),
    add(line) {
      sum.add(line);
      ledger?.add(line);
      wire.add(line);
    },
  };
}

const deliveryCheckOf = (
  broker: BrokerKind,
  { transactions, delay }: Workload,
  topics: readonly string[],
  groups: readonly string[],
): DeliveryCheck =>
  createDeliveryCheck({
    topics,
    groups,
    // RocketMQ stores half messages in a separate broker topic, so they leave no gaps in the run's topics.
    transactions: transactions !== undefined && !traitsOf(broker).storesAside,
    delayed: delay !== undefined,
  });
