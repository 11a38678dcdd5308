// Finds hosts mapped to the wrong broker: their counters do not follow the load, and another machine's do.

import { nodeText, quantityText } from '../../../../core/text/quantity-text.ts';
import { followedLoad } from '../followed-load.ts';
import type { Check, Inconsistency } from '../check.ts';

const standsStill = 0.3;
const follows = 0.9;

export const wrongHost = {
  asks: "does every broker's host follow the load, or another host in its place?",

  check({ run }) {
    const { brokers, generatorHost } = run.document.environment;
    const taken = new Set(brokers.flatMap(({ host }) => host ?? []));
    const spares = [...run.hosts].filter(([name]) => name !== generatorHost && !taken.has(name));
    const spare = spares
      .map(([name, series]) => [name, followedLoad(run, series)] as const)
      .find(([, own]) => own !== undefined && own.best >= follows);
    if (spare === undefined) return [];
    return brokers.flatMap(({ id, host }): Inconsistency[] => {
      const series = host === undefined ? undefined : run.hosts.get(host);
      const own = series && followedLoad(run, series);
      if (host === undefined || own === undefined || own.best >= standsStill) return [];
      const [other, { best } = { best: 0 }] = spare;
      return [
        {
          consequence: { kind: 'refused', missing: { what: 'the counters of that host', node: id } },
          finding: {
            severity: 'critical',
            code: 'wrong-host',
            message: `What ${host} did does not follow the load (correlation ${quantityText(own.best)}), and it is named as the host of ${nodeText(id)}; ${other} follows it (${quantityText(best)}), and no broker is named on it. Most likely ${nodeText(id)} runs on ${other}: name it so. No verdict is made of another machine's counters.`,
            evidence: [
              {
                name: `correlation of ${host}`,
                value: own.best,
                unit: 'ratio',
                source: 'load and bytes, sample by sample',
              },
              {
                name: `correlation of ${other}`,
                value: best,
                unit: 'ratio',
                source: 'load and bytes, sample by sample',
              },
            ],
          },
        },
      ];
    });
  },
} satisfies Check;
