// Lists the subjects of a cluster check: every host, broker, topic and group, and the cluster itself.

import type { Subject } from './fact.ts';
import { brokerSubject } from './facts/broker-facts.ts';
import { clusterSource, groupSubjects, topicSubjects } from './facts/cluster-facts.ts';
import { hostSubject } from './facts/host-facts.ts';
import type { CheckedCluster } from './checked-cluster.ts';

export function subjectsOf(sight: CheckedCluster): Subject[] {
  const cluster = clusterSource(sight);
  const ratiosOn = (host: string) =>
    sight.brokers.flatMap(({ host: on, settings }) => {
      const ratio = Number(settings?.get('accessMessageInMemoryMaxRatio') ?? Number.NaN);
      return on?.host === host && !Number.isNaN(ratio) ? [ratio] : [];
    });
  return [
    ...sight.hosts.map((host) => hostSubject(host, ratiosOn(host.host))),
    ...sight.brokers.map((place) => brokerSubject(place, sight, cluster)),
    ...topicSubjects(sight, cluster),
    ...groupSubjects(sight),
    ...(sight.snapshot === undefined
      ? []
      : [{ on: 'cluster' as const, id: sight.name, sources: { cluster }, words: {} }]),
  ];
}
