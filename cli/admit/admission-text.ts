// Renders an admission as text: the answer, then each cluster with use now, afterwards and limit.

import type { Admission, AdmissionCheck, ClusterAdmission } from '../../analyzer/planning/admission/admit-topic.ts';
import type { TopicRequest } from '../../analyzer/planning/admission/topic-request.ts';
import { capacityText, percentText, quantityText } from '../../core/text/quantity-text.ts';
import { plain, renderTable } from '../../core/text/table.ts';

export function admissionText(topic: TopicRequest, { kind, cluster, reason, factor, clusters }: Admission): string {
  const rate = `${quantityText(topic.peakTps * factor)} msg/s at the planned peak`;
  const answer =
    kind === 'admitted'
      ? `ADMITTED: cluster ${cluster} can take ${topic.topic}, ${rate}\n`
      : `REFUSED: ${topic.topic}, ${rate}: ${plain(reason ?? '')}\n`;
  return [
    answer,
    chinese(topic, { kind, ...(cluster !== undefined && { cluster }), factor }),
    ...clusters.map(clusterText),
  ].join('');
}

function chinese(
  topic: TopicRequest,
  { kind, cluster, factor }: Pick<Admission, 'kind' | 'cluster' | 'factor'>,
): string {
  const rate = `计划峰值 ${quantityText(topic.peakTps * factor)} 条/秒`;
  return kind === 'admitted'
    ? `准入：集群 ${cluster} 可以承载主题 ${topic.topic}，${rate}\n`
    : `拒绝：业务域 ${plain(topic.domain)} 没有集群可以承载主题 ${topic.topic}，${rate}\n`;
}

function clusterText({ cluster, isAdmitted, checks }: ClusterAdmission): string {
  const over = checks.filter(({ after, limit }) => after > limit);
  const lines = over.map(
    (check) => `- ${check.name}: ${amount(check, check.after)}, and ${amount(check, check.limit)} is the limit\n`,
  );
  return [
    `\n${cluster}: ${isAdmitted ? 'has room' : 'has no room'}; of one broker after the worst loss that the plan stands\n`,
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
