import { expect, test } from 'vitest';
import { judgeProposal } from '../../../../../analyzer/planning/sizing/size-domains.ts';
import { sizeCluster } from '../../../../../analyzer/planning/sizing/size-cluster.ts';
import type { PlanMode } from '../../../../../core/documents/cluster-plan.ts';
import { about, domainOf, requestOf, shapes, surroundingsOf, type DomainParts } from '../../../../support/sized.ts';

const surroundings = surroundingsOf({ shapes: [shapes[1]!] });
const survive = { brokers: 1, zones: 0, group: false };

/** One setup on the measured hosts: the plan, and the findings about a proposal. */
function setup(mode: PlanMode, replicas: number, { demand, placement }: DomainParts = {}) {
  const broker = mode === 'kraft' ? ('kafka' as const) : ('rocketmq' as const);
  const request = requestOf(
    domainOf({
      ...(demand && { demand }),
      placement: { brokers: [broker], modes: [mode], replicas, clusters: { least: 1, most: 1 }, survive, ...placement },
    }),
  );
  const sized = sizeCluster(request, surroundings, 'hosts');
  return {
    planned: sized.kind === 'planned' ? sized.clusters[0]?.masters : sized.refused[0]?.rejections[0]?.cause?.kind,
    judge(masters: number) {
      const proposal = { broker, mode, replicas, masters, shape: 'middle', nameServers: 2 };
      const { verdict, findings, mastersNeeded, removable } = judgeProposal('orders', request, proposal, surroundings);
      const critical = findings.flatMap(({ severity, code }) => (severity === 'critical' ? [code] : []));
      return { verdict, critical, mastersNeeded, removable: removable?.brokers };
    },
  };
}

const refused = { verdict: 'not-enough', critical: ['setup-refused'], mastersNeeded: undefined, removable: undefined };

test('a setup that no plan may have is not enough, however many brokers it has', () => {
  const single = setup('kraft', 1);
  expect([single.planned, single.judge(20)]).toEqual(['too-few-copies', refused]);
  const pair = setup('dledger', 2);
  expect([pair.planned, pair.judge(20)]).toEqual(['no-majority', refused]);
  const demand = { order: 'global' as const, peakTps: about(100_000) };
  const queue = setup('kraft', 3, { demand });
  expect([queue.planned, queue.judge(18)]).toEqual(['one-queue', refused]);
});

test.each([
  ['dledger', 3],
  ['kraft', 3],
] as const)(
  'a %s proposal with %d replicas is sufficient with the planned number of brokers, and not with fewer',
  (mode, replicas) => {
    const { planned, judge } = setup(mode, replicas, { demand: { peakTps: about(60_000) } });
    const masters = Number(planned);
    expect(masters).toBeGreaterThan(3);
    const enough = { verdict: 'enough', critical: [], mastersNeeded: masters };
    expect(judge(masters)).toEqual({ ...enough, removable: undefined });
    expect(judge(masters + 1)).toEqual({ ...enough, removable: mode === 'kraft' ? 1 : replicas });
    // Kafka has the same number of brokers per zone, so a remainder of two brokers in three zones does not count.
    expect(masters % (mode === 'kraft' ? 3 : 1)).toBe(0);
    expect(judge(masters - 1)).toMatchObject({ verdict: 'not-enough', critical: ['too-few'], mastersNeeded: masters });
  },
);

test.each(['kraft', 'master-slave'] as const)(
  'a %s cluster whose demand equals its capacity after a loss keeps that capacity, as rebuild traffic is constant',
  (mode) => {
    const broker = mode === 'kraft' ? ('kafka' as const) : ('rocketmq' as const);
    const promiseFor = (peakTps: number) => {
      const demand = { peakTps: about(peakTps), averageTps: about(8000), retentionSeconds: 3 * 86_400 };
      const one = { multiplier: about(1, 0), days: 1 };
      const placement = { brokers: [broker], modes: [mode], replicas: 2, zones: 1, survive };
      const request = requestOf(domainOf({ demand: { ...demand, growth: about(1, 0), promotion: one }, placement }));
      const proposal = { broker, mode, replicas: 2, masters: 8, shape: 'small', nameServers: 2 };
      return judgeProposal('orders', request, proposal, surroundingsOf()).promise ?? expect.fail('no promise');
    };
    const { afterLossTps, safeTps } = promiseFor(20_000);
    expect(afterLossTps.mid).toBeLessThan(safeTps.mid);
    expect(promiseFor(afterLossTps.mid).afterLossTps.mid / afterLossTps.mid).toBeCloseTo(1, 6);
  },
);
