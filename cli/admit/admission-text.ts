// Renders an admission as text: the answer, then each cluster with use now, afterwards and limit.

import type { Admission, AdmissionCheck, ClusterAdmission } from '../../analyzer/planning/admission/admit-topic.ts';
import type { TopicRequest } from '../../analyzer/planning/admission/topic-request.ts';
import { refusalText } from '../../core/documents/reasons/rejection-reasons.ts';
import { capacityText, percentText, rateNumberText, rateText } from '../../core/text/quantity-text.ts';
import type { ReportLanguage } from '../../dashboards/reports/capacity/texts.ts';
import { columnsOf, plain, renderTable } from '../../core/text/table.ts';

export function admissionText(topic: TopicRequest, admission: Admission, language: ReportLanguage): string {
  const { answer } = texts[language];
  return [answer(topic, admission), ...admission.clusters.map((each) => clusterText(each, language))].join('');
}

interface AdmissionTexts {
  answer(topic: TopicRequest, admission: Admission): string;
  room(cluster: string, isAdmitted: boolean): string;
  headings: readonly string[];
  over: string;
  within: string;
  exceeds(name: string, after: string, limit: string): string;
}

const texts: Record<ReportLanguage, AdmissionTexts> = {
  en: {
    answer({ topic, peakTps }, { kind, cluster, reason, factor }) {
      const rate = `${rateText(peakTps * factor)} at the planned peak`;
      return kind === 'admitted'
        ? `ADMITTED: cluster ${cluster} can take ${topic}, ${rate}\n`
        : `REFUSED: ${topic}, ${rate}: ${plain(reason ?? '')}\n`;
    },
    room: (cluster, isAdmitted) =>
      `${cluster}: ${isAdmitted ? 'has room' : 'has no room'}; use of one broker after the worst loss that the plan covers`,
    headings: ['RESOURCE', '>NOW', '>AFTER', '>LIMIT', ''],
    over: 'over',
    within: 'ok',
    exceeds: (name, after, limit) => `- ${name}: ${after}, limit ${limit}`,
  },
  zh: {
    answer({ topic, domain, peakTps }, { kind, cluster, factor, refusal }) {
      const rate = `计划峰值 ${rateNumberText(peakTps * factor)} 条/秒`;
      const why = refusal === undefined ? '' : `：${plain(refusalText(refusal, 'zh').reason)}`;
      return kind === 'admitted'
        ? `准入：集群 ${cluster} 可以承载 Topic ${topic}，${rate}\n`
        : `拒绝：业务域 ${plain(domain)} 没有集群可以承载 Topic ${topic}，${rate}${why}\n`;
    },
    room: (cluster, isAdmitted) =>
      `${cluster}：${isAdmitted ? '有余量' : '余量不足'}；以下为规划所覆盖的最坏故障后单个 Broker 的用量`,
    headings: ['资源', '>当前', '>加入后', '>上限', ''],
    over: '超限',
    within: '正常',
    exceeds: (name, after, limit) => `- ${name}：${after}，上限 ${limit}`,
  },
};

function clusterText({ cluster, isAdmitted, checks }: ClusterAdmission, language: ReportLanguage): string {
  const { room, headings, over, within, exceeds } = texts[language];
  const amount = ({ unit }: AdmissionCheck, value: number) =>
    unit === 'ratio' ? percentText(value) : capacityText(value, unit, language);
  return [
    `\n${room(cluster, isAdmitted)}\n`,
    renderTable(
      columnsOf(headings),
      checks.map((check) => [
        check.name,
        amount(check, check.now),
        amount(check, check.after),
        amount(check, check.limit),
        check.after > check.limit ? over : within,
      ]),
    ),
    ...checks
      .filter(({ after, limit }) => after > limit)
      .map((check) => `${exceeds(check.name, amount(check, check.after), amount(check, check.limit))}\n`),
  ].join('');
}
