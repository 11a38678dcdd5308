// Lists the subjects of a cluster check: every host, broker, topic and group, and the cluster itself.

import type { Subject } from './fact.ts';
import { brokerSubject } from './facts/broker-facts.ts';
import { clusterSource, groupSubjects, topicSubjects } from './facts/cluster-facts.ts';
import { hostSubject } from './facts/host-facts.ts';
import type { CheckedCluster } from './checked-cluster.ts';

export function subjectsOf(checked: CheckedCluster, now: Date): Subject[] {
  const cluster = clusterSource(checked, now);
  const ratiosOn = (host: string) =>
    checked.brokers.flatMap(({ host: on, settings }) => {
      const ratio = Number(settings?.get('accessMessageInMemoryMaxRatio') ?? Number.NaN);
      return on?.host === host && !Number.isNaN(ratio) ? [ratio] : [];
    });
  return [
    ...checked.hosts.map((host) => hostSubject(host, ratiosOn(host.host))),
    ...checked.brokers.map((place) => brokerSubject(place, checked, cluster)),
    ...topicSubjects(checked, cluster),
    ...groupSubjects(checked),
    ...(checked.snapshot === undefined
      ? []
      : [{ on: 'cluster' as const, id: checked.name, sources: { cluster }, names: {} }]),
  ];
}
