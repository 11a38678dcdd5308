// Reports facts about a planned cluster that its numbers do not show.

import { traitsOf } from '../../../core/broker-kind/registry.ts';
import type { Finding } from '../../../core/documents/analysis.ts';
import type { ClusterPlan } from '../../../core/documents/cluster-plan.ts';
import { quantityText, rateNumberText } from '../../../core/text/quantity-text.ts';
import type { Candidate, Surroundings } from './candidates.ts';
import { hasFailover, type ClusterRequest } from './request.ts';

type Built = Omit<Candidate, 'cost'>;

export function planFindings(
  { domains, zones }: ClusterRequest,
  built: Built,
  promise: ClusterPlan['promise'],
  surroundings: Surroundings,
): Finding[] {
  const { build, capacity, masters } = built;
  const warnings = capacity.warnings.map(({ code, message }): Finding => ({
    severity: 'warning',
    code,
    message,
    evidence: [],
  }));
  const findings = [...warnings];
  const { copies, memory } = traitsOf(build.broker);
  const { residentShare } = memory;
  const hasGroups = copies === 'own-group';
  if (residentShare !== undefined && build.replicas > 1) {
    findings.push(slavesServeNoTail(built, surroundings, residentShare));
  }
  if (hasGroups && hasFailover(build)) findings.push(underElection(built, promise));
  if (hasGroups && masters === 1) {
    findings.push({
      severity: 'warning',
      code: 'one-group',
      message: hasFailover(build)
        ? 'there is one group: it accepts no messages while it elects a leader, and producers have to wait'
        : 'there is one master: no messages are accepted while it is down',
      evidence: [],
    });
  }
  const global = domains.find(({ demand }) => demand.order === 'global');
  if (global !== undefined) {
    findings.push({
      severity: 'warning',
      code: 'global-order',
      message: `${global.name} is in order as a whole: one queue on one broker carries all of it, the others stand by`,
      evidence: [],
    });
  }
  if (zones === 2) {
    findings.push({
      severity: 'warning',
      code: 'two-zones',
      message:
        'two zones hold no majority of three: name servers go on, controllers and DLedger groups of the larger zone do not survive its loss',
      evidence: [],
    });
  }
  if (promise.afterLossTps.mid < promise.peakTps.mid) {
    findings.push({
      severity: 'warning',
      code: 'least-regret-below-peak',
      message: `after the worst loss ${rateNumberText(promise.afterLossTps.mid)} messages a second are left of an expected peak of ${rateNumberText(promise.peakTps.mid)}: for this criticality more brokers are regretted more`,
      evidence: [],
    });
  }
  return findings;
}

/** A master serves recent messages itself and refers consumers to its slave only if their lag exceeds its memory estimate. */
export function slavesServeNoTail(
  { load, masters, clusters, shape }: Built,
  { worlds }: Surroundings,
  residentShare: number,
): Finding {
  const written = (load.rate['disk-io'].base[worlds.count] as number) / clusters / masters;
  const seconds = (residentShare * shape.memoryBytes) / written;
  return {
    severity: 'info',
    code: 'slaves-serve-no-tail',
    message: `slaves are planned for copies, not for consumers: consumers read the tail from the master, and are sent to a slave only once they are ${quantityText(seconds)} s of the peak behind (40% of the memory)`,
    evidence: [
      {
        name: 'accessMessageInMemoryMaxRatio',
        value: residentShare,
        unit: 'ratio',
        source:
          'Apache RocketMQ MessageStoreConfig, DefaultMessageStore.getMessage: the pull is suggested to a slave when the backlog exceeds this share of RAM',
      },
      {
        name: 'slaveReadEnable',
        value: 'false',
        unit: 'setting',
        source: 'Apache RocketMQ BrokerConfig: default; without it no consumer reads from a slave',
      },
    ],
  };
}

function underElection({ masters }: Built, promise: ClusterPlan['promise']): Finding {
  const most = masters < 2 ? 0 : (promise.saturationTps * (masters - 1)) / masters;
  return {
    severity: 'info',
    code: 'while-a-leader-is-elected',
    message: `while one group elects a leader ${masters === 2 ? 'the other one carries' : `the other ${masters - 1} carry`} everything: with more than ${quantityText(most)} messages a second they are full until it is done`,
    evidence: [
      {
        name: 'share of saturation that each group may use',
        value: masters < 2 ? 0 : (masters - 1) / masters,
        unit: 'ratio',
        source: 'm groups, one of them gone: (m − 1) / m',
      },
    ],
  };
}
