// Builds the report of a cluster check: findings with readings and fixes, counts for the rest. Pure.

import { bySeverity } from '../../core/severity.ts';
import {
  clusterCheckSchemaVersion,
  type ClusterCheckFinding,
  type ClusterCheckReport,
} from '../../core/documents/cluster-check-report.ts';
import { quotedWord } from '../../core/text/quoted-word.ts';
import { defined } from '../../core/defined.ts';
import { factOf, type Subject } from './fact.ts';
import { judge, type Outcome } from './judge.ts';
import { wantedText } from './rule.ts';
import type { CheckedCluster } from './checked-cluster.ts';
import { applyWaivers, type Waiver } from './waivers.ts';
import { brokerSubject } from './facts/broker-facts.ts';
import { clusterSource, groupSubjects, topicSubjects } from './facts/cluster-facts.ts';
import { hostSubject } from './facts/host-facts.ts';
import type { AreaRule } from './rules.ts';

export interface ReportParts {
  checked: CheckedCluster;
  rules: readonly AreaRule[];
  waivers: readonly Waiver[];
  now: Date;
  notices: readonly string[];
}

export function clusterCheckReport({ checked, rules, waivers, now, notices }: ReportParts): ClusterCheckReport {
  const subjects = subjectsOf(checked, now);
  const outcomes = judge(rules, subjects, checked.kind);
  const waived = applyWaivers(waivers, now.toISOString().slice(0, 10));
  const areaOf = new Map(rules.map(({ id, area }) => [id, area]));
  const findings = outcomes
    .flatMap((outcome): ClusterCheckFinding[] => {
      if (outcome.kind !== 'broken') return [];
      const waiver = waived.of(outcome.rule.id, outcome.subject.id);
      return [
        {
          ...findingOf(outcome, areaOf.get(outcome.rule.id) ?? '', checked),
          ...(waiver && { waiver: excuse(waiver) }),
        },
      ];
    })
    .toSorted(bySeverity);
  const open = findings.filter(({ waiver }) => waiver === undefined);
  const countOf = (severity: ClusterCheckFinding['severity']) =>
    open.filter((finding) => finding.severity === severity).length;
  const countKind = (kind: Outcome['kind']) => outcomes.filter((outcome) => outcome.kind === kind).length;
  const subjectCount = (on: Subject['on']) => subjects.filter((subject) => subject.on === on).length;
  return {
    schemaVersion: clusterCheckSchemaVersion,
    cluster: checked.name,
    broker: checked.kind,
    at: now.toISOString(),
    read: {
      hosts: checked.hosts.filter(({ reading, settings }) => reading ?? settings).map(({ host }) => host),
      brokers: checked.brokers.filter(({ settings }) => settings !== undefined).map(({ broker }) => broker.id),
      topics: subjectCount('topic'),
      groups: subjectCount('group'),
    },
    counts: {
      rules: rules.filter(({ broker }) => broker === undefined || broker === checked.kind).length,
      kept: countKind('kept'),
      critical: countOf('critical'),
      warning: countOf('warning'),
      info: countOf('info'),
      waived: findings.length - open.length,
      notApplicable: countKind('not-applicable'),
      unread: countKind('unread'),
    },
    findings,
    notApplicable: unjudged(outcomes, 'not-applicable'),
    unread: unjudged(outcomes, 'unread'),
    waivers: {
      expired: waived.expired.map(({ rule, until = '', reason }) => ({ rule, until, reason })),
      unused: waived.unused(),
    },
    notices: [...notices],
  };
}

/** @returns whether no broker settings were read (ignored for a single machine), or no host was read */
export const isBlind = (
  { hosts }: Pick<CheckedCluster, 'hosts'>,
  { read }: Pick<ClusterCheckReport, 'read'>,
  isOneMachine: boolean,
): boolean => (!isOneMachine && read.brokers.length === 0) || (hosts.length > 0 && read.hosts.length === 0);

const excuse = ({ reason, until }: Waiver) => ({ reason, ...(until !== undefined && { until }) });

function findingOf(
  { rule, subject, found }: Extract<Outcome, { kind: 'broken' }>,
  area: string,
  { name, brokers, args = ` --cluster ${quotedWord(name)}`, isSecured = false }: CheckedCluster,
): ClusterCheckFinding {
  const shown = found.shown ?? found.value;
  // Names come from brokers and machines.
  const names = Object.fromEntries(Object.entries(subject.names).map(([key, word]) => [key, quotedWord(word)]));
  // Before KIP-1147, LeaderElectionCommand knows only --admin.config, which it still accepts.
  const option = rule.fix.startsWith('kafka-leader-election.sh') ? '--admin.config' : '--command-config';
  const credentials = isSecured ? ` ${option} client.properties` : '';
  const server = `--bootstrap-server ${names['address'] ?? 'HOST:PORT'}${credentials}`;
  const { atLeast } = rule.must;
  const needed = typeof atLeast === 'object' ? factOf(subject, atLeast.fact) : undefined;
  const texts = { ...names, value: String(shown), cluster: args, server };
  const fix = fill(rule.fix, needed?.kind === 'read' ? { ...texts, needed: String(needed.value) } : texts);
  const own = brokers.find(({ broker }) => broker.id === subject.id)?.ownSettings;
  return {
    rule: rule.id,
    area,
    severity: rule.severity,
    on: subject.on,
    subject: subject.id,
    fact: rule.fact,
    found: shown,
    where: found.where,
    wanted: wantedText(rule.must),
    reason: rule.reason,
    sources: rule.sources.map((source) => ({ ...source })),
    ...(rule.conflict !== undefined && { conflict: rule.conflict }),
    fix: own === undefined ? fix : withoutOwn(fix, own, texts),
    ...(rule.cost !== undefined && { cost: rule.cost }),
  };
}

/** A placeholder without a value stays in braces. */
const fill = (template: string, texts: Readonly<Record<string, string>>): string =>
  template.replaceAll(/\{(\w+)\}/g, (whole, name: string) => texts[name] ?? whole);

/** A value set at run time on one broker overrides that of all brokers. */
const withoutOwn = (fix: string, own: ReadonlySet<string>, { id, server }: Readonly<Record<string, string>>): string =>
  fix.replace(/ --entity-default --alter --add-config ([^=]+)=\S+/, (command, setting: string) =>
    own.has(setting)
      ? `${command} && kafka-configs.sh ${server} --entity-type brokers --entity-name ${id} --alter --delete-config ${setting}`
      : command,
  );

function unjudged(outcomes: readonly Outcome[], kind: 'not-applicable' | 'unread'): ClusterCheckReport['unread'] {
  const groups = Map.groupBy(
    outcomes.flatMap((outcome) => (outcome.kind === kind ? [outcome] : [])),
    ({ rule, reason }) => `${rule.id}\0${reason}`,
  );
  return [...groups.values()].flatMap((alike) => {
    const [first] = alike;
    if (first === undefined) return [];
    const subjects = alike.map(({ subject }) => subject.id);
    return [{ rule: first.rule.id, on: first.subject.on, subjects, reason: first.reason }];
  });
}

function subjectsOf(checked: CheckedCluster, now: Date): Subject[] {
  const cluster = clusterSource(checked, now);
  const ratiosOn = (host: string) =>
    checked.brokers.flatMap(({ host: on, settings }) => {
      const ratio = Number(settings?.get('accessMessageInMemoryMaxRatio') ?? Number.NaN);
      return on?.host === host && !Number.isNaN(ratio) ? [ratio] : [];
    });
  return [
    ...checked.hosts.map((host) => hostSubject(host, ratiosOn(host.host))),
    ...checked.brokers.map((place) => brokerSubject(place, checked, cluster)),
    ...topicSubjects(checked, cluster),
    ...groupSubjects(checked),
    ...(checked.snapshot === undefined
      ? []
      : [
          {
            on: 'cluster' as const,
            id: checked.name,
            sources: { cluster },
            names: defined({ controller: checked.snapshot.cluster.controllerId }),
          },
        ]),
  ];
}
