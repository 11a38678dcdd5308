// Checks every resource model of the registry.

import { describe, expect, test } from 'vitest';
import type { BrokerInterval, HostInterval, HostSeries } from '../../analyzer/evidence/load-test-run.ts';
import { measureStep } from '../../analyzer/verdict/steps/measured-step.ts';
import type {
  ClientBytes,
  NodeSeries,
  ObservedStep,
  ResourceModel,
} from '../../analyzer/verdict/limits/resources/model.ts';
import { models } from '../../analyzer/verdict/limits/resources/registry.ts';
import { examplePolicy } from '../support/example-policy.ts';
import { brokerFigureNames } from '../../core/documents/evidence/broker-figures.ts';
import { constraintNames } from '../../core/resource.ts';
import { plainRun } from '../support/load-test-run.ts';

const policy = examplePolicy();
const run = plainRun({ stepSeconds: 100 });
const plain = run.hosts.get('broker-1');
if (plain?.inventory === undefined) throw new Error('no broker-1');

/** Contains every figure that a model may use. */
const full: HostSeries = {
  ...plain,
  inventory: { ...plain.inventory, writeback: { expireSeconds: 30, dirtyThresholdBytes: 1e8 } },
  intervals: plain.intervals.map((interval): HostInterval => {
    const load = (interval.network?.[0]?.inBytesPerSecond ?? 0) / 1e7;
    return {
      ...interval,
      disks: [{ device: 'sda', busy: load, awaitSeconds: 0.002, writtenBytesPerSecond: 2e7 }],
      memory: { usedBytes: 1e9 * (1 + load), totalBytes: 8e9 },
    };
  }),
};
const bare: HostSeries = { host: 'broker-1', intervals: plain.intervals.map(({ from, to }) => ({ from, to })) };

const stepsOf = (host: HostSeries): ObservedStep[] =>
  run.steps.map((recorded) => {
    const step = measureStep(run, recorded, 2);
    return {
      step,
      intervals: host.intervals.filter(({ from, to }) => from >= step.window.from && to <= step.window.to),
    };
  });
const told = full.intervals.map(({ from, to, network }): BrokerInterval => {
  const load = (network?.[0]?.inBytesPerSecond ?? 0) / 1e7;
  const figures = Object.fromEntries(brokerFigureNames.map((name) => [name, load / 10]));
  return { from, to, ...figures, heapUsedRatio: 0.2 + load };
});
const quota = { value: 1e8, entity: 'client-id=<default>', shares: 1 };
const clients: ClientBytes = {
  quotas: [
    { kind: 'produce-quota', ...quota },
    { kind: 'fetch-quota', ...quota },
  ],
  leaderShare: 1,
  produceBytesPerMessage: 512,
  fetchBytesPerMessage: 510,
  isOnlyTraffic: false,
};
const everything: NodeSeries = { node: '1', host: full, broker: told, clients };
const nothing: NodeSeries = { node: '1', host: bare };
const assess = (model: ResourceModel, series: NodeSeries) => model.assess(stepsOf(series.host), series, policy);

describe.each(Object.entries<ResourceModel>(models))('%s', (name, model) => {
  test('is registered under the resource that it assesses', () => {
    expect(model.resource).toBe(name);
    expect(constraintNames).toContain(model.resource);
    expect(policy.limits[model.resource].source).not.toBe('');
    expect(policy.saturation[model.kind].source).not.toBe('');
  });

  test('returns one use per step, and a capacity with its source', () => {
    const assessment = assess(model, everything);
    if (assessment.kind !== 'measured') throw new Error(`${name} is unknown`);
    expect(assessment.uses).toHaveLength(run.steps.length);
    expect(assessment.capacity.source).not.toBe('');
    for (const use of assessment.uses) {
      expect(use?.samples).toBe(98);
      expect(use?.p99).toBeGreaterThanOrEqual((use?.mean ?? Number.NaN) * (1 - 1e-9));
      expect(use?.mean).toBeLessThan(assessment.capacity.value);
    }
  });

  test('without readings, names what is missing if most runs have it, and returns no values', () => {
    const assessment = assess(model, nothing);
    if (assessment.kind !== 'unknown') throw new Error('a use without a reading');
    expect(model.requires).not.toBe('');
    const { finding } = assessment;
    if (finding !== undefined) expect(finding.message).toContain('1');
  });

  test('returns the same result twice and leaves its input unchanged', () => {
    const before = structuredClone(everything);
    expect(assess(model, everything)).toEqual(assess(model, everything));
    expect(everything).toEqual(before);
  });
});
