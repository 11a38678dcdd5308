// Defines the scheduled jobs of a cluster: reading, analysis and forecast.

import { isDeepStrictEqual } from 'node:util';
import { readWholeHistory } from '../../analyzer/forecast/history-prometheus.ts';
import type { PrometheusTelemetry } from '../../analyzer/evidence/sources/config.ts';
import { readTelemetry } from '../../analyzer/evidence/sources/telemetry.ts';
import type { Analysis } from '../../core/documents/analysis.ts';
import { AppError } from '../../core/errors.ts';
import { seconds, type Seconds } from '../../core/clock.ts';
import type { Calculator } from '../calculation/calculator.ts';
import type { ObservedCluster } from '../clusters/observed-cluster.ts';
import type { SourceLoad } from '../clusters/source-load.ts';
import { asCalendar, type Promotion } from '../../app/config/promotion.ts';
import { onceFree } from '../history/once-free.ts';
import type { ServedCluster, ServiceParts } from '../parts.ts';
import type { Job } from './schedule.ts';
import { rateText } from '../../core/text/quantity-text.ts';

type JobParts = Pick<ServiceParts, 'history' | 'config' | 'policy' | 'author' | 'clock'> & {
  calculator: Calculator;
  /** Promotions from the config and from operators. */
  calendar(): readonly Promotion[];
};

const patienceMs = 30_000;
/** A source averages rates over some minutes, so shorter intervals add nothing. */
const loadEvery = seconds(30);

/** All jobs of one cluster. */
export function jobsOf(observed: ObservedCluster, loads: ReadonlyMap<string, SourceLoad>, parts: JobParts): Job[] {
  const { served } = observed;
  const load = loads.get(served.name);
  const producing = served.source && { ...served, source: served.source };
  const analysis = producing && analysisJob(producing, parts);
  return [
    readingJob(observed, parts),
    ...(load === undefined ? [] : [loadJob(served.name, load)]),
    ...(producing && analysis ? [analysis, costCheckJob(producing, analysis, parts)] : []),
    ...(isForecastable(served) ? [forecastJob(served, parts)] : []),
  ];
}

function readingJob({ served, readIfOlder }: ObservedCluster, { config }: Pick<JobParts, 'config'>): Job {
  const every = seconds(config.schedule.readings);
  // Accepts a slightly younger reading, because a scrape just before is as good.
  return watchingJob({ name: 'reading', cluster: served.name, every }, (io) => readIfOlder(every * 0.9, io));
}

export const loadJob = (cluster: string, load: SourceLoad): Job =>
  watchingJob({ name: 'load', cluster, every: loadEvery }, (io) => load.read(io));

const watchingJob = (
  about: Pick<Job, 'name' | 'cluster' | 'every'>,
  read: (io: { signal: AbortSignal }) => Promise<void>,
): Job => ({
  ...about,
  isLight: true,
  isOfEachInstance: true,
  async run({ signal }) {
    await read({ signal: AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]) });
    return undefined;
  },
});

type Source = NonNullable<ServedCluster['source']>;

type OnRequest = 'verdict' | 'forecast';

/**
 * Returns the delay until a verdict or forecast is due: after a restart or on another instance, a recorded one is not
 * repeated early, but one requested since by an operator runs at once. A request that fails leaves no entry, so each
 * start tries it again until the job is due anyway.
 */
function untilDue(parts: JobParts, cluster: string, kind: OnRequest, every: number): Seconds {
  const last = parts.history.latest(cluster, [kind]);
  if (last === undefined || isRequestedSince(last.id, cluster, kind, parts)) return seconds(0);
  const ageSeconds = (parts.clock.now().getTime() - Date.parse(last.at)) / 1000;
  return seconds(Math.max(0, every - Math.max(0, ageSeconds)));
}

function isRequestedSince(
  afterId: number,
  cluster: string,
  kind: OnRequest,
  { history }: Pick<JobParts, 'history'>,
): boolean {
  const job = kind === 'forecast' ? 'forecast' : 'analysis';
  return history
    .entries({ cluster, change: 'analysis-asked', afterId, limit: 500 })
    .some((entry) => entry.kind === 'change' && (entry.document.after ?? 'analysis') === job);
}

async function analyzedProduction(
  { name, broker, source }: ServedCluster & { source: Source },
  windowSeconds: number,
  { clock, calculator, policy }: JobParts,
  signal: AbortSignal,
): Promise<{ from: Date; to: Date; document: Analysis }> {
  const to = clock.now();
  const from = new Date(to.getTime() - windowSeconds * 1000);
  const telemetry = await readTelemetry(
    source.config,
    { from, to, stepSeconds: 60, coarserIfNeeded: true, cluster: source.cluster },
    { signal, clock, name: source.name },
  );
  const document = await calculator.ask({ kind: 'production', telemetry, cluster: name, broker, policy }, { signal });
  return { from, to, document };
}

/**
 * Two days of data do not show an unannounced change yet; a week of data takes twice as long
 * (test/properties/cost-news.test.ts).
 */
const costCheckWindow = seconds(3 * 86_400);

/**
 * Analyzes production at once if the cost of messages differs from the last verdict. Records nothing itself.
 *
 * @param analysis job of the same cluster
 */
function costCheckJob(served: ServedCluster & { source: Source }, analysis: Job, parts: JobParts): Job {
  const { config, history } = parts;
  const { costCheck: every, window } = config.schedule;
  return {
    name: 'cost-check',
    cluster: served.name,
    every: seconds(every),
    firstAfter: () => seconds(every),
    async run(io) {
      const last = history.latest(served.name, ['verdict']);
      if (last?.kind !== 'verdict') return undefined;
      const { document } = await analyzedProduction(served, Math.min(window, costCheckWindow), parts, io.signal);
      return isCostNews(document, last.document) ? await analysis.run(io) : undefined;
    },
  };
}

/** Compares production with the policy, and records a verdict in the history, even if it only lists missing data. */
function analysisJob(served: ServedCluster & { source: Source }, parts: JobParts): Job {
  const { name, source } = served;
  const { analysis: every, window } = parts.config.schedule;
  return {
    name: 'analysis',
    cluster: name,
    every: seconds(every),
    firstAfter: () => untilDue(parts, name, 'verdict', every),
    async run({ signal }) {
      const { from, to, document } = await analyzedProduction(served, window, parts, signal);
      const evidence = `source ${source.name}, ${from.toISOString()} to ${to.toISOString()}`;
      const record = () => recordVerdict({ cluster: name, evidence, document }, parts);
      const id = await onceFree(record, { clock: parts.clock, signal });
      return `judged production: ${document.safeMaxTps.kind}, entry ${id}`;
    },
  };
}

/**
 * A verdict that is unknown for the same reasons as the last one adds no information, so it is recorded only on
 * request.
 *
 * @returns its id, or the id of the last one
 */
export function recordVerdict(
  { cluster, evidence, document }: { cluster: string; evidence: string; document: Analysis },
  { history, author }: Pick<JobParts, 'history' | 'author'>,
): number {
  const last = history.latest(cluster, ['verdict']);
  const { safeMaxTps } = document;
  const isRepeated =
    safeMaxTps.kind === 'unknown' &&
    last?.kind === 'verdict' &&
    isDeepStrictEqual(safeMaxTps, last.document.safeMaxTps) &&
    !isRequestedSince(last.id, cluster, 'verdict', { history });
  return isRepeated ? last.id : history.append({ kind: 'verdict', cluster, evidence, document }, author).id;
}

type Forecastable = ServedCluster & { source: Source & { config: PrometheusTelemetry; load: string } };

export function isForecastable(cluster: ServedCluster): cluster is Forecastable {
  return cluster.source?.config.kind === 'prometheus' && cluster.source.load !== undefined;
}

export function forecastJob({ name, source }: Forecastable, parts: JobParts): Job {
  const { config, history, clock, calculator, author, calendar } = parts;
  const { forecast: every, history: lastSeconds, horizon } = config.schedule;
  return {
    name: 'forecast',
    cluster: name,
    every: seconds(every),
    firstAfter: () => untilDue(parts, name, 'forecast', every),
    async run({ signal }) {
      const readings = await readWholeHistory(
        source.config,
        { expression: source.load, lastSeconds },
        { signal, clock },
      );
      const promotions = calendar();
      const timezone = promotions[0]?.timezone ?? 'UTC';
      const answer = await calculator.ask(
        {
          kind: 'forecast',
          readings,
          timezone,
          horizonSeconds: horizon,
          promotions: promotions.map((each) => asCalendar(each, timezone)),
        },
        { signal },
      );
      if (answer.kind === 'refused') {
        throw new AppError('source-empty', `no forecast: ${answer.reason}`, {
          hint: 'the service continues without one; the next run tries again',
          messageZh: answer.reasonZh,
        });
      }
      const evidence = `source ${source.name}, ${source.load}`;
      const document = answer.forecast;
      const record = () =>
        history.append({ kind: 'forecast', cluster: name, evidence: evidence.slice(0, 2000), document }, author);
      const { id } = await onceFree(record, { clock, signal });
      return `forecast ${rateText(document.peak.tps)} at ${document.peak.at}, entry ${id}`;
    },
  };
}

/**
 * @returns whether `now` found a recent change of a cost per message, by a factor outside the intervals of all findings
 *   of `last`
 */
export function isCostNews(now: Analysis, last: Analysis): boolean {
  const known = changedCosts(last);
  return changedCosts(now).some(({ factor }) => known.every(({ low, high }) => factor < low || factor > high));
}

function changedCosts({ findings }: Analysis) {
  return findings
    .filter(({ code }) => code === 'cost-changed-recently')
    .map(({ evidence }) => {
      const figure = (name: string) => Number(evidence.find((each) => each.name === name)?.value);
      return { factor: figure('factor'), low: figure('at least'), high: figure('at most') };
    });
}
