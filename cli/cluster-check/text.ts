// Renders a cluster check as text, worst findings first.

import { paintWith, plain } from '../../core/text/table.ts';
import { pluralText } from '../../core/text/quantity-text.ts';
import { named } from '../../core/text/bilingual.ts';
import type { ClusterCheckFinding, ClusterCheckReport } from '../../core/documents/cluster-check-report.ts';

const marks = { critical: 'CRITICAL', warning: 'WARNING', info: 'info' } as const;
/** Source titles shown in Chinese text; JSON and docs state the original. */
const englishTitles = [
  ['RocketMQ实战—2.RocketMQ集群生产部署', 'RocketMQ in Practice 2, production deployment (in Chinese)'],
  [
    '中间件核心技术与实战, 17 运维：如何运维日均亿级的消息集群？',
    'Core Middleware in Practice 17, operating a cluster of 100 million messages a day (in Chinese)',
  ],
] as const;
const mostSubjects = 5;
const mostReasons = 12;

/** @param all also shows info findings in full, and every rule that could not be judged */
export function clusterCheckText(
  report: ClusterCheckReport,
  { all, colours }: { all: boolean; colours: boolean },
): string {
  const open = report.findings.filter(({ waiver }) => waiver === undefined);
  const waived = report.findings.filter(({ waiver }) => waiver !== undefined);
  return [
    headline(report),
    ...alike(open).map((group) => findingText(group, { isShort: group[0].severity === 'info' && !all, colours })),
    ...waivedText(waived),
    ...report.waivers.expired.map(
      ({ rule, until, reason }) => `\nthe waiver of ${rule} ended on ${until} (${reason})\n`,
    ),
    ...report.waivers.unused.map((rule) => `\nthe waiver of ${rule} matches no finding: remove it\n`),
    unjudgedText('not checked, because it could not be read', report.unread, all),
    unjudgedText('not applicable', report.notApplicable, all),
  ].join('');
}

function headline({ cluster, read, counts }: ClusterCheckReport): string {
  const { critical, warning, info, waived, kept, notApplicable, unread } = counts;
  const judged = `${pluralText(read.hosts.length, 'host')}, ${pluralText(read.brokers.length, 'broker')}, ${pluralText(read.topics, 'topic')}, ${pluralText(read.groups, 'group')}`;
  if (critical + warning + info + waived + kept === 0)
    return `Nothing of cluster ${plain(cluster)} could be checked.\n`;
  return `${plain(cluster)}: ${critical} critical, ${pluralText(warning, 'warning')}, ${pluralText(info, 'note')}, ${waived} waived; ${kept} passed, ${notApplicable} not applicable, ${unread} could not be checked (${judged})\n`;
}

type Group = [ClusterCheckFinding, ...ClusterCheckFinding[]];

/** Groups the findings of one rule on several subjects. */
function alike(findings: readonly ClusterCheckFinding[]): Group[] {
  const groups = Map.groupBy(findings, ({ rule, found }) => `${rule}\0${found}`);
  return [...groups.values()].map((group) => group as Group);
}

function findingText(group: Group, { isShort, colours }: { isShort: boolean; colours: boolean }): string {
  const [{ severity, rule, fact, found, where, wanted, reason, sources, conflict, fix, cost }] = group;
  const mark = severity === 'critical' ? paintWith(colours)('red', marks[severity]) : marks[severity];
  const title = `\n${mark}  ${rule}  ${subjectsText(group)}\n`;
  if (isShort) return `${title}  ${fact} is ${plain(String(found))}, wanted ${wanted}\n`;
  const lines = [
    ['found', `${fact} is ${plain(String(found))}, wanted ${wanted}`],
    ['read', plain(where)],
    ['why', reason],
    ...sources.map(({ document, says }) => ['source', `${titleText(document)}: ${says}`]),
    ...(conflict === undefined ? [] : [['sources differ', conflict]]),
    ...(cost === undefined ? [] : [['cost', cost]]),
    ['repair', plain(fix)],
  ];
  return `${title}${lines.map(([name = '', text = '']) => `  ${name.padEnd(15)}${text}\n`).join('')}`;
}

const titleText = (document: string) =>
  englishTitles.reduce((text, [original, english]) => text.replace(original, english), document);

function subjectsText(group: readonly Pick<ClusterCheckFinding, 'on' | 'subject'>[]): string {
  const [first] = group;
  const names = group.map(({ subject }) => plain(subject));
  return `${first?.on ?? ''} ${named(names, mostSubjects)}`;
}

function waivedText(waived: readonly ClusterCheckFinding[]): string[] {
  return alike(waived).map((group) => {
    const [{ rule, found, waiver }] = group;
    const until = waiver?.until === undefined ? '' : ` until ${waiver.until}`;
    return `\nwaived${until}  ${rule}  ${subjectsText(group)}\n  found ${plain(String(found))}; ${plain(waiver?.reason ?? '')}\n`;
  });
}

function unjudgedText(title: string, entries: ClusterCheckReport['unread'], all: boolean): string {
  if (entries.length === 0) return '';
  const byReason = Map.groupBy(entries, ({ reason }) => reason);
  const lines = [...byReason].map(([reason, rules]) => {
    const names = rules.map(({ rule }) => rule);
    return `  ${plain(reason)}: ${named(names, all ? Infinity : 4)}\n`;
  });
  const shown = all ? lines : lines.slice(0, mostReasons);
  const more = lines.length - shown.length;
  return `\n${title}:\n${shown.join('')}${more > 0 ? `  and ${more} more reasons; --all shows them\n` : ''}`;
}
