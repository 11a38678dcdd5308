// Describes a real cluster with a limit known in advance, and the load that reaches it.

import type { KafkaLabRequest } from '../../../lab/kafka/plan.ts';
import type { RocketmqLabRequest } from '../../../lab/rocketmq/plan.ts';
import type { DiskSpeed } from './slow-disk.ts';

type ChosenBySite = 'directory' | 'cache' | 'nic';

export interface LimitSetUp {
  lab: Omit<KafkaLabRequest, ChosenBySite> | Omit<RocketmqLabRequest, ChosenBySite>;
  /**
   * True if the only broker has one core, and the load generator the others. Otherwise they share all cores, and the
   * policy is not applied to cores.
   */
  hasOwnCore?: boolean;
  /** Speed of each network interface, such as `50mbit`, unless `cards` states another. */
  nic: string;
  /**
   * Speed of single network interfaces, by host. `follower` is the host of a broker that is not a leader once all are
   * up.
   */
  cards?: Readonly<Record<string, string>>;
  /** Speed stated in the config for every network interface, if it is intentionally wrong. */
  statedNic?: string;
  /** Speed of the broker's disk; absent: the machine's disk. */
  disk?: DiskSpeed;
  /** Kafka: default client quotas in bytes per second. */
  quotas?: { producer?: number; consumer?: number };
  /** Kafka: brokers of each partition of the topic, leader first. Absent: the load generator creates the topic. */
  placement?: readonly (readonly number[])[];
  /** Keys of the workload file, except its profile. */
  workload: Readonly<Record<string, unknown>>;
  /** Keys that only apply to the analysed runs, not to the drives after them. */
  onlyAnalysed?: Readonly<Record<string, unknown>>;
  /** Messages per second near the limit, used to select the rates. */
  expectedTps: number;
  /** True if some replicas may fall behind while sends are acknowledged: their rate counts too. */
  hasCopies?: boolean;
  truth: KnownTruth;
  /** Id of the broker that is killed after the analysed run, to grade the prediction for the loss. */
  loses?: string;
}

export interface KnownTruth {
  /** Text for the table. */
  cause: string;
  /** Matches the right names of the limit, as the analysis prints them: `network-out of 1`. */
  named: RegExp;
  /** True if a network interface is the limit, for which the goals are stricter. */
  isLink?: boolean;
}
