// Generates the series of `plimsoll serve` and of the recording rules over them.

import { hostOf, type StoredSeries } from './stored-fleet.ts';

/** @param load messages per second of each broker, minute by minute */
export function* serviceSeries(
  cluster: string,
  load: Float64Array,
  { safe, brokers }: { safe: number; brokers: number },
): Iterable<StoredSeries> {
  const own = (metric: string, values: StoredSeries['values'], more = {}) => ({
    metric,
    labels: { cluster, job: 'plimsoll-service', instance: 'plimsoll.example:18761', ...more },
    values,
  });
  const recorded = (metric: string, values: StoredSeries['values'], more = {}) => ({
    metric: `cluster:${metric}`,
    labels: { cluster, ...more },
    values,
  });
  const now = load.map((rate) => Math.round(rate * brokers));
  const used = now.map((rate) => rate / safe);
  for (const [bound, share] of [
    ['low', 1],
    ['estimate', 1.1],
    ['high', 1.3],
  ] as const) {
    yield own('plimsoll_safe_max_tps', safe * share, { bound });
    yield own(
      'plimsoll_forecast_within_tps',
      now.map((rate) => rate * share),
      { within: '15m', bound },
    );
  }
  for (const kind of ['confirmed', 'predicted', 'observed', 'at-least', 'unknown']) {
    yield own('plimsoll_safe_max_kind', Number(kind === 'predicted'), { kind });
  }
  for (const state of ['over', 'near', 'stale', 'unknown', 'ok']) {
    yield own(
      'plimsoll_cluster_state',
      used.map((share) => Number((share > 0.8 ? 'near' : 'ok') === state)),
      { state },
    );
  }
  yield own('plimsoll_now_produce_tps', now);
  yield own(
    'plimsoll_headroom_ratio',
    used.map((share) => 1 - share),
  );
  yield own(
    'plimsoll_forecast_age_seconds',
    load.map((_, minute) => 60 * (minute % 60)),
  );
  yield own(
    'plimsoll_time_to_limit_seconds',
    load.map((_, minute) => 1e6 - 60 * minute),
  );
  yield own(
    'plimsoll_verdict_age_seconds',
    load.map((_, minute) => 60 * minute),
  );
  yield own('plimsoll_verdict_drifted', 0);
  yield own(
    'plimsoll_without_one_headroom_ratio',
    used.map((share) => 0.96 - share),
    { lost: 'broker', id: '1' },
  );
  for (const [resource, probability] of [
    ['cpu', 0.7],
    ['network', 0.3],
  ] as const) {
    yield own('plimsoll_binding_probability', probability, { resource, node: hostOf(cluster, '1') });
  }
  const near = used.map((share) => Number(share > 0.8));
  yield recorded('plimsoll_load:ratio', used);
  yield recorded('plimsoll_expected_load:ratio_within15m', used);
  yield recorded('plimsoll_binding_probability:top', 0.7, { resource: 'cpu', node: hostOf(cluster, '1') });
  yield recorded('plimsoll_near_limit:now', near);
  yield recorded('plimsoll_near_limit_outside_promotions:now', near);
}
