// Texts of the review after a promotion, in English and Chinese.

import type { ActionKind } from '../../../../core/prepared-action.ts';
import type { actionOutcomes, reasonOutcomes, safeMaxOutcomes } from '../../../../core/documents/promotion-review.ts';
import type { ReportLanguage } from '../texts.ts';

const en = {
  title: (promotion: string) => `Review: ${promotion}`,
  subtitle: (from: string, to: string, asOf: string) => `${from} to ${to}, compared with the report as of ${asOf}.`,
  parts: {
    summary: 'Summary',
    forecast: 'Forecast',
    'safe-max': 'Safe maximum',
    alerts: 'Alerts',
    levers: 'Actions',
  } satisfies Readonly<Record<'summary' | 'forecast' | 'safe-max' | 'alerts' | 'levers', string>>,
  summary: (held: string, graded: string) => `Correct predictions: ${held} of ${graded} tested.`,
  nothingGraded:
    'No prediction was tested: there are no readings of any domain, or the load stayed far below the safe maximum.',
  graded: (held: string, graded: string) =>
    `Predictions tested by the service in this period: ${graded}; correct: ${held}.`,
  decisionHeld: 'Decision correct?',
  reasonsTitle: 'Reasons of the decisions',
  reasonOutcomes: { right: 'correct', wrong: 'wrong', 'cannot-be-judged': 'not tested' } satisfies Readonly<
    Record<(typeof reasonOutcomes)[number], string>
  >,
  held: 'Prediction correct?',
  yes: 'yes',
  no: 'no',
  open: 'unknown',
  noInterval: 'not evaluated: no interval',
  readings: 'Readings',
  actual: 'Actual peak, msg/s',
  when: 'When',
  error: 'Error',
  calm: 'Highest rate without incident, msg/s',
  strained: 'Highest rate during an incident (lowest of several), msg/s',
  outcomes: {
    held: 'correct',
    'promised-too-much': 'too high: incidents below its lower end',
    'promised-too-little': 'too low: rates above its upper end without incident',
    'not-tested': 'not tested: the load stayed far below it',
  } satisfies Readonly<Record<(typeof safeMaxOutcomes)[number], string>>,
  alertLine: (caught: string, episodes: string, pages: string, falsePages: string) =>
    `Incidents that caused a page: ${caught} of ${episodes}. False alarms: ${falsePages} of ${pages} pages.`,
  noEpisodes: 'The load stayed below the safe maximum, and no incidents were recorded.',
  aboveSafeMax: 'load above the safe maximum',
  pagedBy: 'Paged by',
  lead: 'Lead time',
  minutes: (count: string) => `${count} min`,
  noIncidents: 'No incidents were recorded.',
  falsePages: 'False alarms',
  withoutLimit: 'Load not evaluated: no limit is known',
  levers: {
    quota: 'quota',
    'leader-move': 'leaders moved',
    'queue-spread': 'queues spread',
    retention: 'retention shortened',
  } satisfies Readonly<Record<ActionKind, string>>,
  lever: 'Action',
  said: 'Predicted gain, msg/s',
  change: 'Change of load, msg/s',
  leverOutcomes: {
    gained: 'gain as predicted',
    'less-than-said': 'less than predicted',
    'not-needed': 'no incident at that time',
    unknown: 'unknown: no readings',
  } satisfies Readonly<Record<(typeof actionOutcomes)[number], string>>,
  noLevers: 'No actions recorded.',
  notRead: 'no readings',
};

export type ReviewTexts = typeof en;

const zh: ReviewTexts = {
  title: (promotion) => `大促复盘：${promotion}`,
  subtitle: (from, to, asOf) => `${from} 至 ${to}，对照数据截至 ${asOf} 的报告。`,
  parts: { summary: '总评', forecast: '预测', 'safe-max': '安全上限', alerts: '告警', levers: '预案' },
  summary: (held, graded) => `经受检验的 ${graded} 项预测中，${held} 项成立。`,
  nothingGraded: '预测均未得到检验：没有业务域的读数，或流量远低于上限。',
  graded: (held, graded) => `期间服务自动检验了 ${graded} 项预测，${held} 项成立。`,
  decisionHeld: '评审结论是否正确',
  reasonsTitle: '评审结论的原因',
  reasonOutcomes: { right: '正确', wrong: '错误', 'cannot-be-judged': '未受检验，无法判断' },
  held: '是否成立',
  yes: '是',
  no: '否',
  open: '无法判断',
  noInterval: '未评估：没有预测区间',
  readings: '读数',
  actual: '实际峰值（条/秒）',
  when: '时间',
  error: '偏差',
  calm: '无异常时最高（条/秒）',
  strained: '异常期间最高速率（多次异常取最低，条/秒）',
  outcomes: {
    held: '成立',
    'promised-too-much': '偏高：低于区间下端时已出现异常',
    'promised-too-little': '偏低：超过区间上端仍无异常',
    'not-tested': '未受检验：流量远低于上限',
  },
  alertLine: (caught, episodes, pages, falsePages) =>
    `${episodes} 次异常中有 ${caught} 次触发了值班告警；${pages} 次值班告警中有 ${falsePages} 次为误报。`,
  noEpisodes: '流量未超过安全上限，也没有记录异常。',
  aboveSafeMax: '流量超过安全上限',
  pagedBy: '告警',
  lead: '提前时间',
  minutes: (count) => `${count} 分钟`,
  noIncidents: '没有记录异常。',
  falsePages: '误报',
  withoutLimit: '流量未评估：上限未知',
  levers: { quota: '限流', 'leader-move': '迁移 leader', 'queue-spread': '打散队列', retention: '缩短保留时间' },
  lever: '预案',
  said: '预计收益（条/秒）',
  change: '执行后流量变化（条/秒）',
  leverOutcomes: {
    gained: '达到预计',
    'less-than-said': '低于预计',
    'not-needed': '执行时并无异常',
    unknown: '没有读数，无法判断',
  },
  noLevers: '没有执行预案，或没有记录。',
  notRead: '没有读数',
};

export const reviewLanguages = { en, zh } as const satisfies Readonly<Record<ReportLanguage, ReviewTexts>>;
