// Checks that the counters of a broker's host follow the load, and are not those of another host.

import { generatorHostsOf } from '../../../../core/documents/evidence/telemetry.ts';
import { findingOf } from '../../../../core/documents/findings/findings.ts';
import { followedLoad } from '../followed-load.ts';
import { refused, type Check, type Inconsistency } from '../check.ts';

const standsStill = 0.3;
const follows = 0.9;

export const wrongHost: Check = ({ run }) => {
  const { environment } = run.document;
  const { brokers, proxyHosts = [] } = environment;
  const taken = new Set([
    ...brokers.flatMap(({ host }) => host ?? []),
    ...proxyHosts,
    ...generatorHostsOf(environment),
  ]);
  const spares = [...run.hosts].filter(([name]) => !taken.has(name));
  const spare = spares
    .map(([name, series]) => [name, followedLoad(run, series)?.search()] as const)
    .find(([, own]) => own !== undefined && own.best >= follows);
  if (spare === undefined) return [];
  return brokers.flatMap(({ id, host }): Inconsistency[] => {
    const series = host === undefined ? undefined : run.hosts.get(host);
    const own = series && followedLoad(run, series)?.search();
    if (host === undefined || own === undefined || own.best >= standsStill) return [];
    const [other, { best } = { best: 0 }] = spare;
    const facts = { node: id, host, correlation: own.best, other, otherCorrelation: best };
    return [refused('the counters of that host', id, findingOf('wrong-host', facts))];
  });
};
