// Opens what the steps of a change of instances use: hosts, the gate of the cluster, and the distributions.

import { byKind } from '../../core/broker-kind/registry.ts';
import type { ClusterConfig } from '../../brokers/config.ts';
import { openChangeDesk } from '../../brokers/rocketmq/changes/change-desk.ts';
import { AppError } from '../../core/errors.ts';
import { openInstanceHost, type InstanceHost } from '../../hosts/instances/instance-host.ts';
import { p99Of } from '../../brokers/canary/latency-window.ts';
import type { InstanceTools, WriteLatency } from '../../ops/instances/facts.ts';
import { kafkaGate } from '../../ops/instances/kafka-gate.ts';
import { rocketmqGate } from '../../ops/instances/rocketmq-gate.ts';
import type { Caller } from '../caller.ts';
import { watchLatency } from '../change/write-latency.ts';
import type { DesiredState } from './desired-file.ts';
import { openPackages } from './packages.ts';

/** Interval of canary messages: enough for a p99 after 5 s. */
const canaryEverySeconds = 0.1;

export function openInstanceTools(
  state: DesiredState,
  cluster: string,
  io: Pick<Caller, 'clock' | 'environment' | 'signal' | 'stderr'>,
): AsyncDisposable & { tools: InstanceTools } {
  const { config, instances } = state;
  const stack = new AsyncDisposableStack();
  const opened = new Map<string, InstanceHost>();
  const clusterConfig = config.clusters[cluster] as ClusterConfig;
  let latency: WriteLatency | undefined;
  const tools: InstanceTools = {
    hostOf(name) {
      const known = opened.get(name);
      if (known !== undefined) return known;
      const host = config.hosts[name];
      if (host === undefined) throw new AppError('usage', `the config file has no host ${name}`);
      const open = stack.use(openInstanceHost(name, host, io));
      opened.set(name, open);
      return open;
    },
    ...brokerTools(cluster, clusterConfig, stack),
    clock: io.clock,
    writeLatency(topic) {
      if (latency !== undefined) return latency;
      const every = { topic, everySeconds: canaryEverySeconds };
      const { recent, reason } = stack.use(watchLatency(io, { name: cluster, config: clusterConfig }, every));
      return (latency = { p99: (window) => p99Of(recent(window)), reason });
    },
    all: instances,
    clusterIdOf(name) {
      const { clusterId } = config.clusters[name] ?? {};
      return typeof clusterId === 'string' ? clusterId : undefined;
    },
    packages: openPackages(state, io),
  };
  return { tools, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

type BrokerTools = Pick<InstanceTools, 'gate' | 'desk'>;

const brokerTools = (name: string, config: ClusterConfig, stack: AsyncDisposableStack): BrokerTools =>
  byKind<ClusterConfig, BrokerTools>(config, {
    kafka: (kafka) => ({ gate: kafkaGate(name, kafka) }),
    rocketmq: (rocketmq) => ({ gate: rocketmqGate(name, rocketmq), desk: stack.use(openChangeDesk(name, rocketmq)) }),
  });
