import { expect, test } from 'vitest';
import { cheapest, mskExpress, mskStandard, type MskLoad } from '../../../../tools/published-sizing/msk.ts';
import {
  alibabaBrokers,
  awsBrokers,
  googleMemoryGiB,
  googleVcpus,
  redpandaCores,
} from '../../../../tools/sizing-answers-page.ts';

/** Results of the script of aws/agent-toolkit-for-aws at d6ad2e4 for the same loads. */
const a: MskLoad = {
  averageIn: 100,
  peakIn: 500,
  peakOut: 1000,
  partitions: 1000,
  replicas: 3,
  retentionHours: 720,
  primaryHours: 24,
};
const b: MskLoad = { ...a, peakIn: 200, peakOut: 400, partitions: 6000, retentionHours: 72, primaryHours: 72 };
const c: MskLoad = {
  ...a,
  averageIn: 20,
  peakIn: 50,
  peakOut: 150,
  partitions: 3000,
  retentionHours: 24,
  primaryHours: 24,
};
const counts = (answers: ReturnType<typeof mskStandard>, ...types: string[]) =>
  types.map((type) => answers.find((answer) => answer.type === type)?.brokers);
const pick = (answers: ReturnType<typeof mskStandard>, family: string) => {
  const answer = cheapest(answers.filter(({ type }) => type.startsWith(family)));
  return [answer?.type, answer?.monthlyCost.toFixed(2)];
};

test('matches the MSK script with tiered storage', () => {
  const answers = mskStandard(a);
  expect(counts(answers, 'm5.large', 'm5.xlarge', 'm5.2xlarge', 'm5.4xlarge', 'm5.8xlarge', 'm5.12xlarge')).toEqual([
    108, 66, 33, 18, 12, 9,
  ]);
  expect(counts(answers, 'm7g.large', 'm7g.xlarge', 'm7g.2xlarge', 'm7g.4xlarge', 'm7g.8xlarge')).toEqual([
    102, 54, 27, 15, 9,
  ]);
  expect(pick(answers, 'm5')).toEqual(['m5.2xlarge', '34347.79']);
  expect(pick(answers, 'm7g')).toEqual(['m7g.xlarge', '30195.55']);
  const express = mskExpress(a);
  expect(counts(express, 'm7g.large', 'm7g.xlarge', 'm7g.2xlarge', 'm7g.4xlarge', 'm7g.8xlarge')).toEqual([
    45, 24, 12, 6, 3,
  ]);
  expect(pick(express, 'm7g')).toEqual(['m7g.large', '44703.58']);
});

test('matches the MSK script if volumes are the limit', () => {
  const answers = mskStandard(b);
  expect(counts(answers, 'm5.large', 'm5.xlarge', 'm5.2xlarge', 'm5.4xlarge', 'm7g.large', 'm7g.xlarge')).toEqual([
    39, 24, 12, 12, 36, 18,
  ]);
  expect(answers.find(({ type }) => type === 'm5.4xlarge')?.limitedBy).toBe('storage');
  expect(pick(answers, 'm7g')).toEqual(['m7g.large', '23970.49']);
});

test('matches the MSK script for a small load', () => {
  const answers = mskStandard(c);
  expect(counts(answers, 'm5.large', 'm5.xlarge', 'm5.2xlarge', 'm5.4xlarge', 'm7g.large')).toEqual([12, 9, 6, 3, 9]);
  expect(pick(answers, 'm7g')).toEqual(['m7g.large', '3037.15']);
  const express = mskExpress(c);
  expect(counts(express, 'm7g.large')).toEqual([6]);
  expect(pick(express, 'm7g')).toEqual(['m7g.large', '3153.45']);
});

test('matches the formulas of Google, Alibaba, AWS and Redpanda', () => {
  const google = (produced: number, consumed: number) =>
    googleVcpus({ in: produced, groups: consumed / produced, replicas: 3 });
  expect([google(100, 200), google(50, 150), google(20, 20)]).toEqual([40, 22, 8]);
  expect(googleMemoryGiB(40)).toBe(160);
  const alibaba = (rate: number, groups: number) => alibabaBrokers({ in: rate, groups, replicas: 3 });
  expect([alibaba(200, 2), alibaba(50, 1), alibaba(1000, 3)]).toEqual([7, 4, 40]);
  expect(awsBrokers({ in: 100, groups: 2, replicas: 3 }, { storage: 250, storageNetwork: 250, network: 320 })).toBe(3);
  expect(redpandaCores(100)).toBe(1);
});
