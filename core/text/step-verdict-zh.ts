// Names the verdict of a step and its reason in Chinese.

import type { StepVerdict } from '../documents/analysis.ts';

type InvalidReason = Extract<StepVerdict, { kind: 'invalid' }>['reason'];
type NotJudgedReason = Extract<StepVerdict, { kind: 'not-judged' }>['reason'];

export const stepKindsZh: Readonly<Record<StepVerdict['kind'], string>> = {
  sustained: '稳定',
  saturated: '饱和',
  invalid: '无效',
  'not-judged': '不判定',
};

export const invalidReasonsZh: Readonly<Record<InvalidReason, string>> = {
  'generator-limited': '压测端达到上限',
  'too-short': '时长不足',
  unstable: '不稳定',
  errors: '发送失败',
  'worker-lost': '有 Worker 退出',
  'broker-lost': '有 Broker 停止',
};

export const notJudgedReasonsZh: Readonly<Record<NotJudgedReason, string>> = {
  'closed-loop': '闭环',
  'rate-unknown': '未知目标速率',
  'changing-rate': '速率在变化',
  'nothing-sent': '未发送',
  backlog: '消费停止或追赶中',
  'lag-unknown': '消费堆积未知',
};

const reasonsZh = { ...invalidReasonsZh, ...notJudgedReasonsZh };

/** @returns such as `饱和` or `无效（不稳定）` */
export const stepVerdictZh = (verdict: StepVerdict): string =>
  `${stepKindsZh[verdict.kind]}${'reason' in verdict ? `（${reasonsZh[verdict.reason]}）` : ''}`;
