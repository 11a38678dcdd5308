// Describes a planned run: load over time, topics, bytes, groups and checks.

import { traitsOf } from '../../core/broker-kind/registry.ts';
import type { RunPlan } from '../../loadgen/plan/plan.ts';
import { durationText, exactDurationText } from '../../core/text/duration-text.ts';
import { byteRateText, bytesText, countText, percentText, rateText } from '../../core/text/quantity-text.ts';
import { longestSearch } from '../../loadgen/search/search-duration.ts';
import { defaultDeletionSeconds } from '../../loadgen/guard/stored-bytes.ts';
import { leastShareOf } from '../../loadgen/guard/free-disk-input.ts';
import { type GuardConfig, ruleName } from '../../loadgen/guard/config.ts';
import type { WantedGroup } from '../../loadgen/plan/workload/group-options.ts';
import type { SearchStart } from '../../app/load-test/search-start.ts';
import { curveColumns, drawCurve, shortDuration } from './draw-curve.ts';
import { loadCurve } from './load-curve.ts';
import { planFigures, type PlanFigures } from '../../app/load-test/plan-figures.ts';
import type { Criteria } from '../../loadgen/search/criteria/criteria-options.ts';

interface Page {
  columns: number;
  /** Restricts output to ASCII. */
  isPlain: boolean;
  /** Whether the cluster permits the load, as text. */
  allowance: string;
  guard: GuardConfig;
  /** Steps too short for a verdict. */
  shortSteps: readonly string[];
  /** Metrics that the recording of the run will lack. */
  notMonitored: readonly string[];
}

/** Longer lists of topics are shown as a pattern. */
const mostListed = 8;

/** @param start of a search: its first rate, and the reason */
export function describePlan(plan: RunPlan, namespace: string | undefined, page: Page, start?: SearchStart): string {
  const { profile, warmUpSeconds, segments, durationSeconds, directory, cluster, search } = plan;
  const figures = planFigures(plan);
  // The duration of a search is known only after its first rate.
  const course =
    start && search && longestSearch(start.options, { drain: search.criteria.drain, expected: start.expected });
  const curve = loadCurve(segments, curveColumns(page.columns));
  const warmUp = warmUpSeconds > 0 ? `, after ${exactDurationText(warmUpSeconds)} of warm-up` : '';
  const lines = [
    `load        ${profile.description}${warmUp}`,
    ...(search === undefined ? [] : describeSearch(start?.options ?? search.options)),
    ...labelled('start', start?.explanation ?? []),
    ...labelled('course', course?.explanation ?? []),
    `time        ${search === undefined ? '' : 'at most '}${shortDuration(course?.atMost ?? durationSeconds)}, and what consumers need to catch up`,
    `messages    ${describeMessages(plan, figures)}`,
    describeBytes(figures),
    `cluster     ${cluster.name} (${cluster.broker})`,
    `sending     ${describeSending(plan)}`,
    ...labelled('topics', describeTopics(plan, figures)),
    ...labelled('groups', describeGroups(plan)),
    ...labelled('checks', [page.allowance, ...describeChecks(plan)]),
    `guard       ${describeGuard(page.guard, plan.cluster)}`,
    ...labelled('steps', page.shortSteps),
    ...labelled('monitoring', page.notMonitored),
    ...(namespace === undefined ? [] : [`namespace   ${namespace}`]),
    `bundle      ${directory}`,
    'dry run: nothing was sent or changed',
  ];
  const drawn = curve === undefined ? '' : `${drawCurve(curve, page)}\n`;
  const text = `${drawn}${lines.join('\n')}\n`;
  return page.isPlain
    ? text.replaceAll('≤', '<=').replaceAll('≥', '>=').replaceAll('×', 'x').replaceAll('…', '...')
    : text;
}

function labelled(label: string, lines: readonly string[]): string[] {
  return lines.map((line, index) => `${(index === 0 ? label : '').padEnd(12)}${line}`);
}

function describeSearch(options: NonNullable<RunPlan['search']>['options']): string[] {
  const { start, highest, mostTrials, trial } = options;
  const first = start === undefined ? 'from a computed rate' : `from ${rateText(start)}`;
  const bound = highest === undefined ? 'without an upper bound' : `to ${rateText(highest)} at most`;
  const proof =
    options.kind === 'find-safe'
      ? `at most ${percentText(options.rise)} past the last proven rate, then ${exactDurationText(options.soak)} at the one found`
      : `to a width of ${percentText(options.width)}, each accepted rate confirmed for ${exactDurationText(options.confirm)}`;
  return [
    `bounds      ${first}, ${bound}`,
    `trials      ${mostTrials} at most, of ${exactDurationText(trial)} each; ${proof}`,
  ];
}

function describeMessages(
  { workload, durationSeconds, messages }: RunPlan,
  { sizes, payloadBytes, keys }: PlanFigures,
) {
  const size =
    sizes.smallest === sizes.largest
      ? `${sizes.mean} bytes`
      : `${sizes.smallest} to ${sizes.largest} bytes (mean ${Math.round(sizes.mean)})`;
  const keyed = keys.distinct > 0 ? `, ${countText(keys.distinct)} keys of ${keys.bytes} bytes` : '';
  const packed =
    typeof workload.compressionRatio === 'number'
      ? `, packed ${Number(workload.compressionRatio.toPrecision(3))} times`
      : '';
  if (messages === undefined || payloadBytes === undefined)
    return `as many as brokers acknowledge, of ${size}${keyed}${packed}`;
  return `${countText(messages)} of ${size}: ${bytesText(payloadBytes)} before replication, in ${exactDurationText(durationSeconds)}${keyed}${packed}`;
}

const copiesOfBrokers = 'copies: as the brokers are set';

function describeBytes(figures: PlanFigures): string {
  const { highestRate, sizes, keys } = figures;
  const peak =
    highestRate === undefined ? '' : `; ${byteRateText(highestRate * (sizes.mean + keys.bytes))} at the peak`;
  return `bytes       ${describeWritten(figures)}${describeKept(figures)}${peak}`;
}

function describeWritten({ copyBytes, replicatedBytes, copies }: PlanFigures): string {
  if (copyBytes === undefined) return '';
  if (replicatedBytes === undefined) return `up to ${bytesText(copyBytes)} in each copy (${copiesOfBrokers}), `;
  return `up to ${bytesText(replicatedBytes)} written in ${copies} ${copies === 1 ? 'copy' : 'copies'}, `;
}

function describeKept({ retainedBytes, keptBytes }: PlanFigures): string {
  if (keptBytes === undefined) return 'on disk for as long as the brokers keep messages';
  if (retainedBytes !== undefined) return `at most ${bytesText(retainedBytes)} on disk at a time`;
  return `${bytesText(keptBytes)} on disk, and what arrives until the brokers delete the rest (up to ${exactDurationText(defaultDeletionSeconds)})`;
}

function describeSending({ workload }: RunPlan): string {
  const { acks, workers, compression, idempotent, transactions, requests, ordered, tag, delay } = workload;
  return [
    `acks ${acks}, ${workers} producer thread${workers === 1 ? '' : 's'}`,
    ...(compression === 'none' ? [] : [compression]),
    ...(idempotent ? ['idempotent'] : []),
    ...(transactions === undefined ? [] : ['in transactions']),
    ...(requests === undefined ? [] : [requests === 'single' ? 'a request each' : 'in batches']),
    ...(ordered ? ['in order'] : []),
    ...(tag === undefined ? [] : [`tag ${tag}`]),
    ...(delay === undefined
      ? []
      : ['level' in delay ? `delay level ${delay.level}` : `after ${exactDurationText(delay.after)}`]),
  ].join(', ');
}

function describeTopics({ topic, workload }: RunPlan, { partitions, copies }: PlanFigures): string[] {
  const { names, keep } = topic;
  const isKnown = workload.topic !== undefined;
  const shape =
    workload.partitions === undefined && isKnown
      ? `${partitions} partitions if it does not exist yet`
      : `${partitions} partition${partitions === 1 ? '' : 's'}`;
  const replicas =
    copies === undefined
      ? copiesOfBrokers
      : `${copies} copies${workload.replicationFactor === undefined ? ' or one per broker' : ''}`;
  const fate = keep ? 'kept' : 'deleted afterwards if this run created it';
  return [...shortList(names), `${names.length > 1 ? 'each ' : ''}${shape}, ${replicas}, ${fate}`];
}

function shortList(names: readonly string[]): string[] {
  if (names.length <= mostListed) return [...names];
  return [...names.slice(0, mostListed - 1), `… ${names.length - mostListed} more`, ...names.slice(-1)];
}

function describeGroups({ groups, topic, stops }: RunPlan): string[] {
  if (groups.length === 0) return ['none: nothing is consumed'];
  const topics = topic.names.length === 1 ? '' : ', one of each topic';
  const all = groups.map(
    (group) =>
      describeGroup(
        group,
        stops.filter((stop) => stop.group === group.name),
      ) + topics,
  );
  return shortList(all);
}

function describeGroup(group: WantedGroup, stops: RunPlan['stops']): string {
  const { name, members, processing, commits, mode, from, readCommitted } = group;
  return [
    `${name}: ${members} member${members === 1 ? '' : 's'}`,
    ...(processing > 0 ? [`${durationText(processing)} a message`] : []),
    ...(commits === undefined ? [] : [`commits ${commits}`]),
    ...(mode === undefined ? [] : [mode]),
    ...(from === undefined ? [] : [`from ${from}`]),
    ...(readCommitted === true ? ['committed only'] : []),
    ...stops.map((stop) => `stopped from ${stop.from} s to ${stop.to} s`),
  ].join(', ');
}

function describeGuard(
  { freeDisk, errors, p99, lagMessages, rules }: GuardConfig,
  { broker }: RunPlan['cluster'],
): string {
  const limits = [
    `free disk ≥ ${percentText(leastShareOf(traitsOf(broker), freeDisk))}`,
    ...Object.entries({ errors, p99, lag: lagMessages }).flatMap(criterion),
    ...rules.flatMap((rule) => [
      ...(rule.above === undefined ? [] : [`${ruleName(rule)} ≤ ${rule.above}`]),
      ...(rule.below === undefined ? [] : [`${ruleName(rule)} ≥ ${rule.below}`]),
    ]),
  ];
  return `stops the load unless: ${limits.join(', ')}`;
}

/** One line for each check during or after the load. */
function describeChecks({ workload, search }: Pick<RunPlan, 'workload' | 'search'>): string[] {
  const { ledger, thresholds } = workload;
  const limits = Object.entries(thresholds ?? {}).flatMap(criterion);
  return [
    ledger
      ? 'delivery check: every message, for lost, duplicated, reordered and corrupted ones'
      : 'no delivery check: lost and duplicated messages are not counted',
    ...(limits.length > 0 ? [`thresholds, or exit code 6: ${limits.join(', ')}`] : []),
    ...(search === undefined ? [] : describeCriteria(search.criteria)),
  ];
}

function describeCriteria({ hosts, generatorLag, generatorHosts, ...rest }: Criteria): string[] {
  const passes = Object.entries(rest).flatMap(criterion).join(', ');
  const use = criterion(['hosts', hosts]);
  const generator = [`send delay p99 ≤ ${durationText(generatorLag)}`, ...criterion(['hosts', generatorHosts])];
  return [
    `a rate passes with: ${passes}${use.length === 0 ? '' : `; mean use of each broker host: ${use.join(', ')}`}`,
    `a rate fails only while the load generator and its host keep: ${generator.join(', ')}`,
  ];
}

function criterion([name, limit]: [string, unknown]): string[] {
  if (typeof limit === 'number') return [`${name} ${bound(name, limit)}`];
  if (typeof limit !== 'object' || limit === null) return [];
  return Object.entries(limit).map(([part, share]) => `${part} ≤ ${percentText(Number(share))}`);
}

const shares = new Set(['errors', 'achieved', 'growth']);
const counts = new Set(['lag', 'lost', 'duplicated', 'reordered', 'corrupted']);
const atLeast = new Set(['achieved', 'acknowledged']);

function bound(name: string, limit: number): string {
  const sign = atLeast.has(name) ? '≥' : '≤';
  if (shares.has(name)) return `${sign} ${percentText(limit)}`;
  if (counts.has(name)) return `${sign} ${limit}`;
  if (name === 'acknowledged') return `${sign} ${limit} msg/s`;
  return `${sign} ${durationText(limit)}`;
}
