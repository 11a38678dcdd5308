// Renders an admission as text: the answer, then each cluster with use now, afterwards and limit.

import type { Admission, AdmissionCheck, ClusterAdmission } from '../../analyzer/planning/admission/admit-topic.ts';
import type { TopicRequest } from '../../analyzer/planning/admission/topic-request.ts';
import { capacityText, percentText, rateNumberText, rateText } from '../../core/text/quantity-text.ts';
import type { ReportLanguage } from '../../dashboards/reports/capacity/texts.ts';
import { plain, renderTable } from '../../core/text/table.ts';

export function admissionText(topic: TopicRequest, admission: Admission, language: ReportLanguage): string {
  return [answers[language](topic, admission), ...admission.clusters.map(clusterText)].join('');
}

const answers: Record<ReportLanguage, (topic: TopicRequest, admission: Admission) => string> = {
  en: ({ topic, peakTps }, { kind, cluster, reason, factor }) => {
    const rate = `${rateText(peakTps * factor)} at the planned peak`;
    return kind === 'admitted'
      ? `ADMITTED: cluster ${cluster} can take ${topic}, ${rate}\n`
      : `REFUSED: ${topic}, ${rate}: ${plain(reason ?? '')}\n`;
  },
  zh: ({ topic, domain, peakTps }, { kind, cluster, factor }) => {
    const rate = `计划峰值 ${rateNumberText(peakTps * factor)} 条/秒`;
    return kind === 'admitted'
      ? `准入：集群 ${cluster} 可以承载主题 ${topic}，${rate}\n`
      : `拒绝：业务域 ${plain(domain)} 没有集群可以承载主题 ${topic}，${rate}\n`;
  },
};

function clusterText({ cluster, isAdmitted, checks }: ClusterAdmission): string {
  const over = checks.filter(({ after, limit }) => after > limit);
  const lines = over.map(
    (check) => `- ${check.name}: ${amount(check, check.after)}, limit ${amount(check, check.limit)}\n`,
  );
  return [
    `\n${cluster}: ${isAdmitted ? 'has room' : 'has no room'}; use of one broker after the worst loss that the plan covers\n`,
    renderTable(
      [
        { heading: 'RESOURCE' },
        { heading: 'NOW', isFigure: true },
        { heading: 'AFTER', isFigure: true },
        { heading: 'LIMIT', isFigure: true },
        { heading: '' },
      ],
      checks.map((check) => [
        check.name,
        amount(check, check.now),
        amount(check, check.after),
        amount(check, check.limit),
        check.after > check.limit ? 'over' : 'ok',
      ]),
    ),
    ...lines,
  ].join('');
}

const amount = ({ unit }: AdmissionCheck, value: number): string =>
  unit === 'ratio' ? percentText(value) : capacityText(value, unit);
