// Reports the limit that a run reached with its evidence, or that the limit is unknown, from the findings table.

import type { Finding } from '../../../core/documents/analysis.ts';
import type { BrokerFigures } from '../../../core/documents/evidence/broker-figures.ts';
import { findingOf } from '../../../core/documents/findings/findings.ts';
import type { Constraint } from '../../../core/resource.ts';
import { explainedCeiling, isOf, unexplainedCeiling } from '../limits/ceilings.ts';
import type { Evidence, ShapedCard, ShapedLimit, UnexplainedCeiling } from '../evidence.ts';
import { targetTpsOf, type MeasuredStep } from '../steps/measured-step.ts';
import { hasFullSharedCpu } from '../steps/step-verdict.ts';
import { sendRefusal } from '../limits/resources/send-queue.ts';
import type { NodeSeries } from '../limits/resources/model.ts';
import { mostOfBroker, useOfBroker } from '../limits/resources/use.ts';
import { utilisation, type Surroundings } from '../limits/resource-use.ts';
import { shapedCards } from '../limits/shaped-card.ts';
import { suspectsOf } from '../limits/suspects.ts';
import { defined } from '../../../core/defined.ts';

export function limitFindings(evidence: Evidence, { brokers, hostless }: Surroundings): Finding[] {
  const ceiling = unexplainedCeiling(evidence);
  if (ceiling) return ceilingFindings(ceiling, evidence);
  const contradicted = evidence.shaped ? [contradictedSpeed(evidence.shaped)] : [];
  const explained = explainedCeiling(evidence);
  if (explained === undefined || !('resource' in explained.limit)) return contradicted;
  const { resource, node } = explained.limit;
  const { step } = explained.step;
  const series = [...brokers, ...hostless].find((each) => each.node === node);
  const use = evidence.resources.find((each) => isOf(explained.limit, each));
  const share = use && utilisation(use, evidence.steps.indexOf(explained.step));
  const limit = evidence.policy.limits[resource].value;
  return [...contradicted, ...limitFinding(resource, { node, tps: explained.value }, { step, series, share, limit })];
}

interface Shown {
  step: MeasuredStep;
  series: NodeSeries | undefined;
  /** Mean share of the capacity over the step. */
  share: number | undefined;
  limit: number;
}

function limitFinding(resource: Constraint, at: { node: string; tps: number }, shown: Shown): Finding[] {
  const { series } = shown;
  const mean = (figure: keyof BrokerFigures) => series && useOfBroker(shown, series, figure)?.mean;
  const most = (figure: keyof BrokerFigures) => series && mostOfBroker(shown, series, figure);
  switch (resource) {
    case 'produce-quota':
    case 'fetch-quota':
    case 'request-quota':
      return [findingOf('quota-limit', { ...at, quota: resource, ...quotaFacts(resource, shown) })];
    case 'request-handlers':
    case 'network-threads': {
      const { share, limit } = shown;
      return share === undefined ? [] : [findingOf(`${resource}-busy`, { ...at, busyShare: share, limit })];
    }
    case 'heap': {
      const figures = {
        pauseShare: mean('gcPauseShare'),
        longestPauseSeconds: most('longestPauseSeconds'),
        heapUsedRatio: most('heapUsedRatio'),
      };
      return [findingOf('gc-limit', { ...at, ...defined(figures) })];
    }
    case 'send-queue': {
      const wait = { waitSeconds: most('sendQueueWaitSeconds') ?? 0, refusedFromSeconds: sendRefusal.value };
      const lock = { pageCacheLockSeconds: most('pageCacheLockSeconds') };
      return [findingOf('send-queue-limit', { ...at, ...wait, ...defined(lock) })];
    }
    case 'flush': {
      const figures = { flushShare: mean('flushSecondsPerSecond'), unflushedBytes: most('unflushedBytes') };
      return [findingOf('flush-limit', { ...at, ...defined(figures) })];
    }
    case 'replication': {
      const figures = {
        underMinIsrPartitions: most('underMinIsrPartitions'),
        lagBytes: most('replicationLagBytes'),
        lagMessages: most('replicationLagMessages'),
      };
      return [findingOf('replication-limit', { ...at, ...defined(figures) })];
    }
    default:
      return [];
  }
}

function quotaFacts(resource: 'produce-quota' | 'fetch-quota' | 'request-quota', { step, series }: Shown) {
  const { produce, fetch } = step.throttled ?? {};
  const throttled = resource === 'fetch-quota' ? fetch : (produce ?? fetch);
  const configured = series?.clients?.quotas.find(({ kind }) => kind === resource);
  return {
    ...(throttled && {
      throttledShare: Math.min(1, throttled.seconds / (step.window.to - step.window.from)),
      longestThrottleSeconds: throttled.longestSeconds,
    }),
    ...(configured && { configured: { value: configured.value, entity: configured.entity } }),
  };
}

function ceilingFindings(ceiling: UnexplainedCeiling, evidence: Evidence): Finding[] {
  const suspects = suspectsOf(ceiling, evidence);
  const { steps, resources: uses, policy } = evidence;
  const measured = ceiling.steps.map(({ step }) => step);
  const failing = measured.filter(({ failedShare }) => failedShare > policy.step.failedShare.value);
  const found = findingOf('limit-cause-unknown', {
    ceilingTps: ceiling.tps,
    targetTps: Math.max(...measured.map(targetTpsOf)),
    ...(failing.length > 0 && { failedSends: failing.reduce((sum, { failedSends }) => sum + failedSends, 0) }),
    isSharedCpuFull: ceiling.steps.some((step) => hasFullSharedCpu({ index: steps.indexOf(step), uses }, policy)),
    suspects,
  });
  const [shaped] = shapedCards(ceiling, evidence);
  return shaped === undefined ? [found] : [found, contradictedSpeed(shaped)];
}

const signs = { retransmits: 'queue-drops', backlog: 'queue-backlog' } as const;

function contradictedSpeed({ use, level, proof }: ShapedCard & Partial<ShapedLimit>): Finding {
  return findingOf('stated-link-speed-contradicted', {
    node: use.node,
    direction: use.resource === 'network-in' ? 'network-in' : 'network-out',
    statedBytesPerSecond: use.capacity.value,
    measuredBytesPerSecond: level,
    sign: proof === 'retransmits' || proof === 'backlog' ? signs[proof] : 'flat-throughput',
  });
}
