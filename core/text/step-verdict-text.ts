// Names the verdict of a step and its reason, in English and Chinese.

import type { StepVerdict } from '../documents/analysis.ts';
import type { Pair } from './bilingual.ts';

export const stepKinds = {
  sustained: ['sustained', '稳定'],
  saturated: ['saturated', '饱和'],
  invalid: ['invalid', '无效'],
  'not-judged': ['not judged', '不判定'],
} as const satisfies Record<StepVerdict['kind'], Pair>;

export const invalidReasons = {
  'generator-limited': ['load generator at its limit', '压测端达到上限'],
  'too-short': ['too short', '时长不足'],
  unstable: ['unstable', '不稳定'],
  errors: ['sends failed', '发送失败'],
  'worker-lost': ['a worker was lost', '有 Worker 退出'],
  'broker-lost': ['a broker was lost', '有 Broker 停止'],
  'guard-stopped': ['the guard stopped the load', '压测被防护规则停止'],
} as const satisfies Record<Extract<StepVerdict, { kind: 'invalid' }>['reason'], Pair>;

export const notJudgedReasons = {
  'closed-loop': ['closed loop', '闭环'],
  'rate-unknown': ['target rate unknown', '未知目标速率'],
  'changing-rate': ['the rate changed', '速率在变化'],
  'nothing-sent': ['nothing was sent', '未发送'],
  backlog: ['consumers paused or catching up', '消费停止或追赶中'],
  'lag-unknown': ['consumer lag unknown', '消费堆积未知'],
} as const satisfies Record<Extract<StepVerdict, { kind: 'not-judged' }>['reason'], Pair>;

const reasons = { ...invalidReasons, ...notJudgedReasons };

/** @returns such as `饱和` or `无效（不稳定）` */
export const stepVerdictZh = (verdict: StepVerdict): string =>
  `${stepKinds[verdict.kind][1]}${'reason' in verdict ? `（${reasons[verdict.reason][1]}）` : ''}`;
