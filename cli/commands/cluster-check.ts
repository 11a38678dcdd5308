// Implements `plimsoll cluster check`: hosts, JVMs, brokers, topics and clients against rules.

import { brokerKinds } from '../../core/cluster.ts';
import { exitCodes } from '../../core/errors.ts';
import type { ClusterCheckReport, ClusterCheckFinding } from '../../core/documents/cluster-check-report.ts';
import { HostConfig } from '../../hosts/config.ts';
import { openHost } from '../../hosts/registry.ts';
import { clusterCheckReport, isBlind } from '../../ops/cluster-check/report.ts';
import { severities, type Severity } from '../../core/severity.ts';
import { readRules } from '../../ops/cluster-check/rules.ts';
import { clusterArgs, clusterOf } from '../../app/observe/named-cluster.ts';
import { clusterOptions } from '../options.ts';
import { choice, defineCommand, flag, type IoOf, option, renderJson, text } from '../command.ts';
import { hasColours } from '../command-line.ts';
import { lookAtCluster, lookAtMachine, type Looked } from '../../app/cluster-check/look.ts';
import { parseWaivers, type Waiver } from '../../ops/cluster-check/waivers.ts';
import { readBounded } from '../../app/files/read-bounded.ts';
import { paintWith, plain } from '../../core/text/table.ts';
import { pluralText } from '../../core/text/quantity-text.ts';
import { named } from '../../core/text/bilingual.ts';
import { maskNames } from '../../core/text/mask-names.ts';

const clusterCheckOptions = {
  ...clusterOptions,
  'this-machine': option(
    'kafka|rocketmq',
    'check only this machine, as a host of such brokers; contacts no cluster and needs no config file',
    choice(brokerKinds).optional(),
  ),
  'must-not-lose': flag('no message may be lost (orders, payments): check replication and flushing for that'),
  waivers: text('FILE', 'YAML file of accepted findings, each with reason and expiry date'),
  'fail-on': option(
    'SEVERITY',
    `exit with code 6 if there are findings of this severity or worse: ${severities.join(', ')} or never (default critical)`,
    choice([...severities, 'never']).default('critical'),
  ),
  all: flag('show info findings in full, and every rule that could not be checked'),
  json: flag('print the report as one JSON document'),
};

type ClusterCheckIo = IoOf<typeof clusterCheckOptions>;

export const clusterCheckCommand = defineCommand({
  options: clusterCheckOptions,
  examples: [
    'plimsoll cluster check --cluster orders',
    'plimsoll cluster check --cluster orders --waivers waivers.yaml --fail-on warning --json',
    'plimsoll cluster check --bootstrap 10.0.0.5:9092',
    'plimsoll cluster check --this-machine rocketmq',
  ],

  async run(io) {
    const { options, stdout, stderr, clock, environment, signal } = io;
    const failOn = options['fail-on'];
    const rules = readRules();
    const waivers = await readWaivers(
      options.waivers,
      rules.map(({ id }) => id),
      { signal },
    );
    const { checked, notices } = await look(io);
    const report = clusterCheckReport({ checked, rules, waivers, now: clock.now(), notices });
    if (options.json) stdout.write(renderJson(report));
    else {
      stdout.write(clusterCheckText(report, { all: options.all, colours: hasColours(stdout, environment) }));
      for (const notice of notices) stderr.write(`note: ${notice}\n`);
    }
    return exitCodeOf(report, failOn, isBlind(checked, report, options['this-machine'] !== undefined));
  },
});

async function look(io: ClusterCheckIo): Promise<Looked> {
  const { options } = io;
  const mustNotLose = options['must-not-lose'];
  const kind = options['this-machine'];
  await using probes = new AsyncDisposableStack();
  if (kind !== undefined) {
    const host = 'local';
    const probe = probes.use(openHost(host, HostConfig.parse({ probe: 'local' }), { clock: io.clock }));
    return await lookAtMachine(kind, { host, probe, mustNotLose, clock: io.clock }, io);
  }
  const { name, config, hosts } = await clusterOf(io);
  const opened = new Map(
    Object.entries(hosts).map(([host, of]) => [host, probes.use(openHost(host, of, { clock: io.clock }))] as const),
  );
  const parts = { name, args: clusterArgs(options, name), config, hosts, probes: opened, mustNotLose, clock: io.clock };
  return await lookAtCluster(parts, io);
}

/** Findings take precedence over unread rules: a known violation remains one. */
function exitCodeOf({ counts }: ClusterCheckReport, failOn: Severity | 'never', unread: boolean): number {
  const counted = failOn === 'never' ? [] : severities.slice(0, severities.indexOf(failOn) + 1);
  if (counted.some((severity) => counts[severity] > 0)) return exitCodes.threshold;
  return unread ? exitCodes.unknown : exitCodes.answered;
}

/** Larger than a waiver for each rule on each of 200 brokers, with a one-line reason. */
const mostWaiverBytes = 4 * 2 ** 20;

/** @param path if given. @throws AppError not-found, no-permission, waivers-unreadable */
async function readWaivers(
  path: string | undefined,
  rules: readonly string[],
  { signal }: { signal: AbortSignal },
): Promise<Waiver[]> {
  if (path === undefined) return [];
  const yaml = await readBounded(path, { signal }, { most: mostWaiverBytes, fault: 'waivers-unreadable' });
  return parseWaivers(yaml, path, rules);
}

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
  // No rule reads the groups of Kafka.
  const groups = read.groups === 0 ? '' : `, ${pluralText(read.groups, 'group')}`;
  const judged = `${pluralText(read.hosts.length, 'host')}, ${pluralText(read.brokers.length, 'broker')}, ${pluralText(read.topics, 'topic')}${groups}`;
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
  // One line for the same reason of several hosts or brokers.
  const byReason = Map.groupBy(entries, ({ subjects, reason }) => maskNames(reason, subjects));
  const lines = [...byReason.values()].map((alike) => {
    const names = [...new Set(alike.map(({ rule }) => rule))];
    const [reason, ...more] = new Set(alike.map((each) => each.reason));
    const others = more.length === 0 ? '' : ` (and ${more.length} alike)`;
    return `  ${plain(reason ?? '')}${others}: ${named(names, all ? Infinity : 4)}\n`;
  });
  const shown = all ? lines : lines.slice(0, mostReasons);
  const more = lines.length - shown.length;
  return `\n${title}:\n${shown.join('')}${more > 0 ? `  and ${more} more reasons; --all shows them\n` : ''}`;
}
