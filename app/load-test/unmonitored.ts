// States before a load test which parts of the brokers will not be monitored.

import type { ClusterConfig } from '../../brokers/config.ts';
import { byKind } from '../../core/broker-kind/registry.ts';
import { findingOf } from '../../core/documents/findings/findings.ts';
import type { HostsConfig } from '../../hosts/config.ts';
import { hostsOfProxies } from '../observe/host-names.ts';

/** @param brokers ids, if read; RocketMQ brokers provide metrics without further configuration */
export function unmonitoredTexts(cluster: ClusterConfig, hosts: HostsConfig, brokers?: readonly string[]): string[] {
  return byKind<ClusterConfig, string[]>(cluster, {
    kafka({ jmx }) {
      const nodes = brokers?.filter((id) => jmx[id] === undefined) ?? [];
      const isMissing = brokers === undefined ? Object.keys(jmx).length === 0 : nodes.length > 0;
      return isMissing ? [findingOf('not-monitored', { part: 'broker-internals', nodes }).message] : [];
    },
    rocketmq({ proxy }) {
      const isMissing = proxy !== undefined && hostsOfProxies(cluster, hosts).length === 0;
      return isMissing ? [findingOf('not-monitored', { part: 'proxy-host', nodes: [] }).message] : [];
    },
  });
}
