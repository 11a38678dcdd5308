// Texts of the spreadsheet that the report does not have, in English and Chinese.

import type { ReportSource } from '../../../../core/documents/capacity-report.ts';
import { bilingual, type Pair } from '../../../../core/text/bilingual.ts';

export const sheetLanguages = bilingual({
  /** At most 31 characters, none of []:*?/\ , as spreadsheets require. */
  sheets: {
    verdicts: ['Verdicts', '结论'],
    conditions: ['Conditions', '条件'],
    demand: ['Demand', '需求'],
    evidence: ['Evidence', '证据'],
    steps: ['Steps', '压测台阶'],
    failures: ['Failures', '峰值时故障'],
    sizing: ['Sizing', '集群规划'],
    reserves: ['Reserves', '预留明细'],
    consumers: ['Consumers', '消费者'],
    risks: ['Risks', '风险'],
    actions: ['Actions', '行动项'],
    sources: ['Sources', '来源'],
  },
  promotion: ['Promotion', '大促'],
  asOf: ['As of', '数据截至'],
  expires: ['Not to be signed after', '签字截止日期'],
  peakLow: ['Peak, low end, msg/s', '峰值下端（条/秒）'],
  peakMid: ['Peak, median, msg/s', '峰值中位数（条/秒）'],
  peakHigh: ['Peak, high end, msg/s', '峰值上端（条/秒）'],
  highestAt: ['Time of the peak, UTC', '峰值时间（UTC）'],
  safeKind: ['Kind of safe maximum', '得出方式'],
  safeLow: ['Safe maximum, low end, msg/s', '安全上限下端（条/秒）'],
  safeMid: ['Safe maximum, estimate, msg/s', '安全上限估计（条/秒）'],
  safeHigh: ['Safe maximum, high end, msg/s', '安全上限上端（条/秒）'],
  lowestSafe: ['Lowest safe maximum (all, N-1, catch-up), msg/s', '最低安全上限（全部、N-1、追赶，条/秒）'],
  lossLow: ['Safe maximum at N-1, low end, msg/s', '故障后（N-1）安全上限下端（条/秒）'],
  lossMid: ['Safe maximum at N-1, estimate, msg/s', '故障后（N-1）安全上限估计（条/秒）'],
  lossHigh: ['Safe maximum at N-1, high end, msg/s', '故障后（N-1）安全上限上端（条/秒）'],
  inSeconds: (title: string) => [`${title}, s`, `${title}（秒）`],
  failedSends: ['Failed sends', '发送失败数'],
  unit: ['Unit', '单位'],
  capacitySource: ['Capacity source', '容量依据'],
  broker: ['Broker type', 'Broker 类型'],
  mode: ['Mode', '模式'],
  masters: ['Masters', '主节点'],
  replicas: ['Replicas', '副本数'],
  risks: {
    sensitivity: ['sensitivity', '敏感输入'],
    assumption: ['assumption', '假设'],
    finding: ['finding', '发现'],
    alternative: ['rejected host type', '未采用的机型'],
  },
  severity: ['Severity', '严重程度'],
  brokersAtLow: [
    'Brokers needed with this input at its low end, others in the middle, without the reserve for uncertainty',
    '取下端时的 Broker 数（其余取中间值，不含不确定性预留）',
  ],
  brokersAtHigh: [
    'Brokers needed with this input at its high end, others in the middle, without the reserve for uncertainty',
    '取上端时的 Broker 数（其余取中间值，不含不确定性预留）',
  ],
  brokersPlanned: ['Brokers of the plan', '规划的 Broker 数'],
  done: ['Done', '完成'],
  kind: ['Kind', '类别'],
  kinds: {
    plan: ['plan', '规划'],
    analysis: ['verdict', '结论'],
    forecast: ['forecast', '预测'],
    settings: ['settings', '配置'],
    'blast-radius': ['blast radius', '故障影响范围'],
  } satisfies Record<ReportSource['kind'], Pair>,
});

export type SheetTexts = (typeof sheetLanguages)['en'];
