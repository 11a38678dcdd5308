// Texts of the spreadsheet that the report does not have, in English and Chinese.

import type { ReportSource } from '../../../../core/documents/capacity-report.ts';
import type { ReportLanguage } from '../texts.ts';

/** In the order of the workbook. */
export const sheetIds = [
  'verdicts',
  'conditions',
  'demand',
  'evidence',
  'steps',
  'failures',
  'sizing',
  'reserves',
  'consumers',
  'risks',
  'actions',
  'sources',
] as const;
export type SheetId = (typeof sheetIds)[number];

export interface SheetTexts {
  /** Up to 31 characters, none of []:*?/\ : what spreadsheets take. */
  sheets: Readonly<Record<SheetId, string>>;
  promotion: string;
  asOf: string;
  expires: string;
  peakLow: string;
  peakMid: string;
  peakHigh: string;
  safeKind: string;
  safeKinds: Readonly<Record<'confirmed' | 'predicted' | 'observed' | 'at-least' | 'unknown', string>>;
  safeLow: string;
  safeMid: string;
  safeHigh: string;
  heldAgainst: string;
  lossLow: string;
  lossMid: string;
  lossHigh: string;
  step: string;
  failedSends: string;
  unit: string;
  capacitySource: string;
  broker: string;
  mode: string;
  masters: string;
  replicas: string;
  risk: string;
  risks: Readonly<Record<'sensitivity' | 'assumption' | 'finding' | 'alternative', string>>;
  severity: string;
  brokersAtLow: string;
  brokersAtHigh: string;
  done: string;
  kind: string;
  kinds: Readonly<Record<ReportSource['kind'], string>>;
}

const en: SheetTexts = {
  sheets: {
    verdicts: 'Verdicts',
    conditions: 'Conditions',
    demand: 'Demand',
    evidence: 'Evidence',
    steps: 'Steps',
    failures: 'Failures',
    sizing: 'Sizing',
    reserves: 'Reserves',
    consumers: 'Consumers',
    risks: 'Risks',
    actions: 'Actions',
    sources: 'Sources',
  },
  promotion: 'Promotion',
  asOf: 'As of',
  expires: 'Not to be signed after',
  peakLow: 'Peak, low end, msg/s',
  peakMid: 'Peak, median, msg/s',
  peakHigh: 'Peak, high end, msg/s',
  safeKind: 'Kind of safe maximum',
  safeKinds: {
    confirmed: 'confirmed',
    predicted: 'predicted',
    observed: 'observed',
    'at-least': 'at least',
    unknown: 'unknown',
  },
  safeLow: 'Safe maximum, low end, msg/s',
  safeMid: 'Safe maximum, estimate, msg/s',
  safeHigh: 'Safe maximum, high end, msg/s',
  heldAgainst: 'Compared with the peak, msg/s',
  lossLow: 'Safe maximum at N-1, low end, msg/s',
  lossMid: 'Safe maximum at N-1, estimate, msg/s',
  lossHigh: 'Safe maximum at N-1, high end, msg/s',
  step: 'Step',
  failedSends: 'Failed sends',
  unit: 'Unit',
  capacitySource: 'Capacity source',
  broker: 'Broker',
  mode: 'Mode',
  masters: 'Masters',
  replicas: 'Replicas',
  risk: 'Kind',
  risks: { sensitivity: 'sensitivity', assumption: 'assumption', finding: 'finding', alternative: 'rejected' },
  severity: 'Severity',
  brokersAtLow: 'Brokers needed at the low end of the input',
  brokersAtHigh: 'Brokers needed at the high end of the input',
  done: 'Done',
  kind: 'Kind',
  kinds: {
    plan: 'plan',
    analysis: 'verdict',
    forecast: 'forecast',
    settings: 'settings',
    'blast-radius': 'blast radius',
  },
};

const zh: SheetTexts = {
  sheets: {
    verdicts: '结论',
    conditions: '条件',
    demand: '需求',
    evidence: '证据',
    steps: '压测台阶',
    failures: '峰值时故障',
    sizing: '集群规划',
    reserves: '预留明细',
    consumers: '消费者',
    risks: '风险',
    actions: '行动项',
    sources: '来源',
  },
  promotion: '大促',
  asOf: '数据截至',
  expires: '签字截止日期',
  peakLow: '峰值下端（条/秒）',
  peakMid: '峰值中位数（条/秒）',
  peakHigh: '峰值上端（条/秒）',
  safeKind: '得出方式',
  safeKinds: {
    confirmed: '已验证',
    predicted: '预测',
    observed: '观测',
    'at-least': '至少',
    unknown: '未知',
  },
  safeLow: '安全上限下端（条/秒）',
  safeMid: '安全上限估计（条/秒）',
  safeHigh: '安全上限上端（条/秒）',
  heldAgainst: '与峰值比较的值（条/秒）',
  lossLow: '故障后下端（条/秒）',
  lossMid: '故障后中位（条/秒）',
  lossHigh: '故障后上端（条/秒）',
  step: '台阶',
  failedSends: '发送失败数',
  unit: '单位',
  capacitySource: '容量依据',
  broker: 'broker 类型',
  mode: '模式',
  masters: '主节点',
  replicas: '副本数',
  risk: '类别',
  risks: { sensitivity: '敏感输入', assumption: '假设', finding: '发现', alternative: '未采用的方案' },
  severity: '严重程度',
  brokersAtLow: '取下端时的 broker 数',
  brokersAtHigh: '取上端时的 broker 数',
  done: '完成',
  kind: '类别',
  kinds: { plan: '规划', analysis: '结论', forecast: '预测', settings: '配置', 'blast-radius': '故障影响范围' },
};

export const sheetLanguages = { en, zh } as const satisfies Readonly<Record<ReportLanguage, SheetTexts>>;
