// Defines the input of a cluster check, which is read completely before any rule is evaluated.

import type { ClusterSnapshot } from '../../brokers/snapshot.ts';
import type { ProcessSettings, Settings, TopicSettings } from '../../brokers/lookup.ts';
import type { Broker, BrokerKind } from '../../core/cluster.ts';
import type { HostInventory, HostReading } from '../../core/documents/evidence/host-reading.ts';
import type { HostSettings } from '../../core/documents/evidence/host-settings.ts';
import type { RunningProcess } from '../../core/documents/evidence/process-reading.ts';

export interface CheckedHost {
  host: string;
  inventory?: HostInventory;
  reading?: HostReading;
  settings?: HostSettings;
  /** Why a part is absent. */
  trouble?: string;
}

export interface CheckedBroker {
  broker: Broker;
  /** Absent if its host is unknown. */
  host?: CheckedHost;
  process?: RunningProcess;
  /** IP addresses behind the broker's advertised address. */
  addresses: readonly string[];
  settings?: ProcessSettings['values'];
  ownSettings?: ProcessSettings['own'];
  /** Why its settings are absent. */
  trouble?: string;
}

export interface CheckedCluster {
  kind: BrokerKind;
  name: string;
  /** Options that name it in a printed command; absent: its name. */
  args?: string;
  /** Whether Kafka's tools need a file with credentials or certificates. */
  isSecured?: boolean;
  hosts: readonly CheckedHost[];
  brokers: readonly CheckedBroker[];
  /** Absent with --host-only, and if the cluster did not report it. */
  snapshot?: ClusterSnapshot;
  /** Broker names that the config file has. */
  configured?: readonly string[];
  differences?: Settings['differences'];
  topicSettings?: readonly TopicSettings[];
  producerVersions?: readonly string[];
  /** Stated by the user: no acknowledged message may be lost. */
  mustNotLose: boolean;
}
