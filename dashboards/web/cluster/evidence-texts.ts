// Texts of the section that says whether a cluster carries its forecast peak.

import type { EvidenceAdvice, EvidenceOption } from '../../../core/documents/evidence-advice.ts';
import type { Language } from '../strings.ts';

const en = {
  title: 'Does the forecast peak fit?',
  states: {
    enough: 'Yes. No measurement is needed.',
    'not-enough': 'No. The capacity is too low, and no measurement changes that: add brokers or move load.',
    undecided: 'Undecided. What was measured is too uncertain for this peak.',
  } satisfies Readonly<Record<EvidenceAdvice['state'], string>>,
  gaps: {
    'no-forecast':
      'Undecided. The forecast has no values for some of its horizon, as for a promotion that the history does not contain.',
    'no-interval':
      'Undecided. The time of the forecast peak was measured in one promotion only, so how far the load may exceed it is unknown.',
  } satisfies Readonly<Record<NonNullable<EvidenceAdvice['gap']>, string>>,
  chance: (chance: string, risk: string, peak: string) =>
    `The peak of ${peak} exceeds the safe maximum with a probability of ${chance}; ${risk} is accepted.`,
  safe: (tps: string, lost: string | undefined) =>
    lost === undefined ? `Safe maximum: ${tps}.` : `Safe maximum after losing ${lost}: ${tps}.`,
  between: (low: string, high: string) => `${low} to ${high}`,
  from: (low: string) => `at least ${low}`,
  needed: (tps: string) => `A safe maximum of ${tps} is needed.`,
  options: 'Measurements that would decide',
  kinds: {
    'natural-peak': 'Wait for the next peak',
    redline: 'Redline of one broker',
    'load-test': 'Load test',
  } satisfies Readonly<Record<EvidenceOption['kind'], string>>,
  takes: 'Takes',
  nothing: 'nothing is changed',
  begins: 'From',
  noWindow: 'no safe window',
  expected: 'Expected interval, msg/s',
  decides: 'Decides',
  yes: 'yes',
  no: 'no',
  command: 'Command',
  none: 'None of these is expected to decide: the forecast itself is too uncertain. It becomes clearer as the peak comes nearer.',
};

export type EvidenceTexts = typeof en;

const zh: EvidenceTexts = {
  title: '能否承载预测峰值？',
  states: {
    enough: '能。无需再测。',
    'not-enough': '不能。容量不足，再测也无济于事：请扩容或迁移流量。',
    undecided: '尚不确定。现有测量的不确定性过大，无法判断能否承载该峰值。',
  },
  gaps: {
    'no-forecast': '尚不确定。预测期内有部分时段没有预测值，例如历史中没有的大促。',
    'no-interval': '尚不确定。预测峰值所在的时段只在一场大促中测量过，实际流量可能超出多少未知。',
  },
  chance: (chance, risk, peak) => `${peak} 的峰值超过安全上限的概率为 ${chance}，可接受的上限为 ${risk}。`,
  safe: (tps, lost) => (lost === undefined ? `安全上限：${tps}。` : `失去 ${lost} 后的安全上限：${tps}。`),
  between: (low, high) => `${low} 至 ${high}`,
  from: (low) => `至少 ${low}`,
  needed: (tps) => `需要 ${tps}。`,
  options: '如何得出结论',
  kinds: { 'natural-peak': '等待下一个高峰', redline: '单 Broker 真实流量极限测试（redline）', 'load-test': '压测' },
  takes: '耗时',
  nothing: '不改动集群',
  begins: '开始时间',
  noWindow: '没有安全窗口',
  expected: '预计得到的区间（条/秒）',
  decides: '足以得出结论',
  yes: '是',
  no: '否',
  command: '命令',
  none: '以上均不足以得出结论：预测本身误差过大，临近峰值时会更准确。',
};

export const evidenceLanguages: Readonly<Record<Language, EvidenceTexts>> = { en, zh };
