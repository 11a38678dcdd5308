// Reads the traffic of a past promotion from Prometheus: messages per second of each topic, and its consumer groups.

import type { PrometheusTelemetry } from '../../analyzer/evidence/sources/config.ts';
import { PromotionHistory, rehearsalSchemaVersion } from '../../core/documents/rehearsal.ts';
import { AppError } from '../../core/errors.ts';
import type { Caller } from '../caller.ts';
import type { ChosenPromotion } from './choose-promotion.ts';
import { exporterLabels } from '../../analyzer/evidence/sources/expression.ts';
import {
  conversationWith,
  type Grid,
  queryRange,
  type RangeSeries,
  refused,
} from '../../analyzer/evidence/sources/range-query.ts';
import type { ByKind } from '../../core/broker-kind/registry.ts';
import type { BrokerKind } from '../../core/cluster.ts';
import { pluralText } from '../../core/text/quantity-text.ts';

interface HistoryRequest {
  source: PrometheusTelemetry;
  broker: BrokerKind;
  cluster: string;
  /** Name of the cluster in the monitoring system. */
  nameInSource: string;
  replayed: ChosenPromotion['replayed'];
  /** If empty: all topics with at least a hundredth of the messages. */
  topics: readonly string[];
  intervalSeconds?: number | undefined;
}

/** Metrics of docs/reference/metrics.md; for Kafka with the names of kafka_exporter. */
const metrics: ByKind<{ ends: string; commits: string }> = {
  kafka: { ends: 'kafka_topic_partition_current_offset', commits: 'kafka_consumergroup_current_offset' },
  rocketmq: { ends: 'rocketmq_queue_end_offset', commits: 'rocketmq_consumergroup_offset' },
};

/** Internal topics of Kafka and RocketMQ, and topics of Plimsoll's load tests and canaries. */
const internal =
  '__.*|%.*|SCHEDULE_TOPIC_XXXX|rmq_sys_.*|RMQ_SYS_.*|TRANS_CHECK_MAX_TIME_TOPIC|CHECKPOINT_TOPIC|DefaultHeartBeatSyncerTopic|.+_REPLY_TOPIC|TBW102|OFFSET_MOVED_EVENT|SELF_TEST_TOPIC|BenchmarkTest|plimsoll-.*';

/** Topics with a smaller share are omitted. */
const leastShare = 0.01;
/** Least share of known intervals. */
const leastKnown = 0.5;
const mostTopics = 100;
const usualInterval = 60;
const fewestIntervals = 20;
const mostIntervals = 2000;
const shortestInterval = 2;

/** @throws AppError source-empty, prometheus-refused, credentials-refused; usage for a span that is too short */
export async function readHistory(
  request: HistoryRequest,
  { signal, clock }: Pick<Caller, 'signal' | 'clock'>,
): Promise<PromotionHistory> {
  const { source, broker, cluster, nameInSource, replayed } = request;
  const span = (replayed.toMs - replayed.fromMs) / 1000;
  const intervalSeconds = Math.round(request.intervalSeconds ?? intervalOf(span));
  const points = Math.floor(span / intervalSeconds);
  if (points < 2) {
    throw new AppError(
      'usage',
      `${replayed.name} lasts ${span} s, too short for intervals of ${intervalSeconds} s: give a shorter --interval`,
    );
  }
  const fromSeconds = Math.floor(replayed.fromMs / 1000);
  const grid = { firstEnd: fromSeconds + intervalSeconds, gridSeconds: intervalSeconds, points };
  const talk = conversationWith(source, { clock, signal });
  const { ends, commits } = metrics[broker];
  const window = `[${intervalSeconds}s]`;
  const ofCluster = (label: string) => (label === '' ? 'cluster=""' : `cluster=${JSON.stringify(label)}`);
  /**
   * Takes the highest value of several instances that monitor the cluster, because a sum would count it twice. Uses a slope, because rate()
   * treats a decreasing offset, as after an unclean election, as a counter reset.
   */
  const rateOf = (metric: string, label: string) =>
    `clamp_min(max without (${exporterLabels}) (deriv(${metric}{${ofCluster(label)}, topic!~"${internal}"}${window})), 0)`;
  /** A gap in the response is unknown traffic, not idle time. */
  const readWhole = async (what: string, expression: string) => {
    const whole = await queryRange(talk, expression, grid, mostTopics);
    const [gap] = whole.gaps;
    if (gap !== undefined) throw refused(talk, `${what} of ${replayed.name}`, gap.reason);
    return whole;
  };
  const read = (label: string) => readWhole('the traffic', `sum by (topic) (${rateOf(ends, label)})`);
  let label = nameInSource;
  let answer = await read(label);
  // Other exporters have no cluster label.
  if (answer.series.length === 0) answer = await read((label = ''));
  if (answer.series.length === 0) throw empty(request, ends);
  const readers = await readWhole('the consumer groups', `sum by (consumergroup, topic) (${rateOf(commits, label)})`);
  const warnings = new Set([...answer.warnings, ...readers.warnings]);
  const notes = [...warnings].map((warning) => `the source warns: ${warning}`);
  if (label === '' && nameInSource !== '') {
    notes.push(
      `series without the label \`cluster\` are taken for ${cluster}: if ${source.url} has several clusters, their traffic is mixed`,
    );
  }
  const wanted = chosen(answer.series, request);
  const { kept, leftOut } = wanted;
  const topics = kept.map(({ name, values }) => ({
    name,
    rates: filled(name, values, grid, notes),
    groups: readers.series
      .filter(({ labels, values: taken }) => labels['topic'] === name && taken.some((rate) => rate > 0))
      .flatMap(({ labels }) => labels['consumergroup'] ?? [])
      .toSorted(),
  }));
  return PromotionHistory.parse({
    schemaVersion: rehearsalSchemaVersion,
    kind: 'promotion-history',
    promotion: replayed.name,
    cluster,
    source: source.url,
    from: new Date(fromSeconds * 1000).toISOString(),
    intervalSeconds,
    topics,
    ...(leftOut && { leftOut }),
    notes,
  } satisfies PromotionHistory);
}

const intervalOf = (span: number) =>
  Math.max(shortestInterval, span / mostIntervals, Math.min(usualInterval, span / fewestIntervals));

function chosen(series: readonly RangeSeries[], { topics: wanted, replayed, source }: HistoryRequest) {
  const all = series
    .flatMap(({ labels, values }) => {
      const name = labels['topic'];
      const sum = values.reduce((total, value) => total + (Number.isFinite(value) ? value : 0), 0);
      return name === undefined ? [] : [{ name, values, sum }];
    })
    .toSorted((a, b) => b.sum - a.sum);
  const total = all.reduce((sum, each) => sum + each.sum, 0);
  const missing = wanted.filter((topic) => !all.some(({ name }) => name === topic));
  if (missing.length > 0) {
    throw new AppError(
      'source-empty',
      `${source.url} has no traffic of topic ${missing.join(', ')} in ${replayed.name}`,
      {
        hint: `topics with traffic: ${all
          .slice(0, 10)
          .map(({ name }) => name)
          .join(', ')}`,
      },
    );
  }
  if (total <= 0)
    throw new AppError('source-empty', `no topic had messages in ${replayed.name}: there is no traffic to replay`);
  const kept = all
    .filter(({ name, sum }) => (wanted.length === 0 ? sum >= leastShare * total : wanted.includes(name)))
    .slice(0, mostTopics);
  const without = all.filter((each) => each.sum > 0 && !kept.includes(each));
  const leftOut =
    without.length === 0
      ? undefined
      : { topics: without.length, share: without.reduce((sum, each) => sum + each.sum, 0) / total };
  return { kept, leftOut };
}

/** Interpolates linearly between known intervals, and repeats the first and the last known value outside of them. */
function filled(topic: string, values: Float64Array, grid: Grid, notes: string[]): number[] {
  const known = [...values.keys()].filter((at) => Number.isFinite(values[at]));
  if (known.length < leastKnown * grid.points) {
    throw new AppError(
      'source-empty',
      `topic ${topic} has values in only ${known.length} of ${pluralText(grid.points, 'interval')} of the promotion, too few to replay`,
      { hint: 'check the retention of the Prometheus, and that --interval is at least four times its scrape interval' },
    );
  }
  const missing = grid.points - known.length;
  if (missing > 0)
    notes.push(`topic ${topic}: ${pluralText(missing, 'interval')} unknown, taken from their neighbours`);
  return Array.from(values, (value, at) => {
    if (Number.isFinite(value)) return Math.max(0, value);
    const after = known.find((each) => each > at);
    const before = known.findLast((each) => each < at);
    const [low, high] = [before ?? after ?? 0, after ?? before ?? 0];
    const [from, to] = [values[low] ?? 0, values[high] ?? 0];
    return Math.max(0, low === high ? from : from + ((to - from) * (at - low)) / (high - low));
  });
}

const empty = ({ source, nameInSource, replayed }: HistoryRequest, metric: string) =>
  new AppError(
    'source-empty',
    `${source.url} has no ${metric} of cluster ${nameInSource} from ${new Date(replayed.fromMs).toISOString()} to ${new Date(replayed.toMs).toISOString()}: there is no traffic of ${replayed.name} to replay; nothing was sent`,
    {
      hint: 'check how long the Prometheus keeps metrics, service.clusters.NAME.nameInSource, that `plimsoll exporter` or kafka_exporter was scraped then, and that plimsoll_scrape_series_shed was 0',
    },
  );
