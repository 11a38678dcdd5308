// Texts of the review after a promotion, in English and Chinese.

import type { ActionKind } from '../../../../core/prepared-action.ts';
import type { actionOutcomes, reasonOutcomes, safeMaxOutcomes } from '../../../../core/documents/promotion-review.ts';
import { bilingual, type Pair } from '../../../../core/text/bilingual.ts';

export const reviewLanguages = bilingual({
  title: (promotion: string) => [`Review: ${promotion}`, `大促复盘：${promotion}`],
  subtitle: (from: string, to: string, asOf: string) => [
    `${from} to ${to}, compared with the report as of ${asOf}.`,
    `${from} 至 ${to}，对照数据截至 ${asOf} 的报告。`,
  ],
  parts: {
    summary: ['Summary', '总评'],
    forecast: ['Forecast', '预测'],
    'safe-max': ['Safe maximum', '安全上限'],
    alerts: ['Alerts', '告警'],
    levers: ['Actions', '预案'],
  },
  summary: (held: string, graded: string) => [
    `Correct predictions: ${held} of ${graded} tested.`,
    `已检验的 ${graded} 项预测中，${held} 项成立。`,
  ],
  nothingGraded: [
    'No prediction was tested: there are no readings of any domain, incidents are unknown, or the load stayed far below the safe maximum.',
    '预测均未得到检验：没有业务域的读数、异常未知，或流量远低于上限。',
  ],
  graded: (held: string, graded: string) => [
    `Predictions tested by the service in this period: ${graded}; correct: ${held}.`,
    `期间服务自动检验了 ${graded} 项预测，${held} 项成立。`,
  ],
  decisionHeld: ['Decision correct?', '评审结论是否正确'],
  reasonsTitle: ['Reasons of the decisions', '评审结论的原因'],
  code: ['Code', '代码'],
  reasonOutcomes: {
    right: ['correct', '正确'],
    wrong: ['wrong', '错误'],
    unproven: ['proof was missing, no incident', '缺少证明，未出现异常'],
    'cannot-be-judged': ['not tested', '未经检验'],
  } satisfies Record<(typeof reasonOutcomes)[number], Pair>,
  yes: ['yes', '是'],
  no: ['no', '否'],
  open: ['unknown', '无法判断'],
  noInterval: ['not evaluated: no interval', '未评估：没有预测区间'],
  readings: ['Readings', '读数'],
  when: ['When', '时间'],
  error: ['Error', '偏差'],
  calm: ['Highest rate without incident, msg/s', '无异常时的最高速率（条/秒）'],
  strained: [
    'Highest rate during an incident (of several, the lowest), msg/s',
    '异常期间的最高速率（多次异常取最低，条/秒）',
  ],
  outcomes: {
    held: ['correct', '成立'],
    'promised-too-much': ['too high: incidents occurred below its lower end', '偏高：低于区间下端时已出现异常'],
    'promised-too-little': ['too low: rates above its upper end caused no incident', '偏低：超过区间上端仍无异常'],
    'not-tested': ['not tested: the load stayed far below it', '未经检验：流量远低于上限'],
  } satisfies Record<(typeof safeMaxOutcomes)[number], Pair>,
  alertLine: (caught: string, episodes: string, pages: string, falsePages: string) => [
    `Incidents that caused a page: ${caught} of ${episodes}. False alarms: ${falsePages} of ${pages} pages.`,
    `${episodes} 次异常中有 ${caught} 次触发了值班告警；${pages} 次值班告警中有 ${falsePages} 次为误报。`,
  ],
  noEpisodes: [
    'The load stayed below the safe maximum, and no incidents were recorded.',
    '流量未超过安全上限，也没有记录异常。',
  ],
  aboveSafeMax: ['load above the safe maximum', '流量超过安全上限'],
  incident: ['Incident', '异常'],
  pagedBy: ['Paged by', '值班告警'],
  notPaged: ['none', '无'],
  lead: ['Lead time', '提前量'],
  minutes: (count: string) => [`${count} min`, `${count} 分钟`],
  noIncidents: ['No incidents were recorded.', '没有记录异常。'],
  falsePages: ['False alarms', '误报'],
  withoutLimit: ['Load not evaluated, because the safe maximum is unknown', '流量未评估：安全上限未知'],
  levers: {
    quota: ['quota', '限流'],
    'leader-move': ['leaders moved', '迁移 Leader'],
    'queue-spread': ['queues spread', '均衡队列分布'],
    retention: ['retention shortened', '缩短保留时间'],
  } satisfies Record<ActionKind, Pair>,
  lever: ['Action', '预案'],
  said: ['Predicted gain, msg/s', '预计收益（条/秒）'],
  change: ['Change of load, msg/s', '执行后流量变化（条/秒）'],
  leverOutcomes: {
    gained: ['helped', '有效'],
    'less-than-said': ['helped less than predicted', '效果低于预计'],
    'not-needed': ['no incident at that time', '执行时并无异常'],
    unknown: ['unknown: no readings', '没有读数，无法判断'],
  } satisfies Record<(typeof actionOutcomes)[number], Pair>,
  noLevers: ['No actions recorded.', '没有执行预案，或没有记录。'],
  notRead: ['no readings', '没有读数'],
  notRecorded: ['Not evaluated: incidents and alerts are unknown.', '未评估：异常和告警未知。'],
});

export type ReviewTexts = (typeof reviewLanguages)['en'];
