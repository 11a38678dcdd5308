// Gets the traffic of the last promotion: from a recorded file, or from the Prometheus of the cluster.

import { prometheusAt, type PrometheusTelemetry } from '../../analyzer/evidence/sources/config.ts';
import { PromotionHistory } from '../../core/documents/rehearsal.ts';
import { AppError } from '../../core/errors.ts';
import { quotedWord } from '../../core/text/quoted-word.ts';
import type { Seconds } from '../../core/clock.ts';
import type { Caller } from '../caller.ts';
import { type Config, configPath, loadConfig } from '../config/config-file.ts';
import { writeNew } from '../files/write-new.ts';
import { clusterIn } from '../observe/named-cluster.ts';
import { readDocument } from '../report/read-inputs.ts';
import { choosePromotion } from './choose-promotion.ts';
import { readHistory } from './read-history.ts';

interface HistoryOptions {
  promotion: string;
  config?: string | undefined;
  cluster?: string | undefined;
  from?: string | undefined;
  to?: string | undefined;
  prometheus?: string | undefined;
  history?: string | undefined;
  'save-history'?: string | undefined;
  interval?: Seconds | undefined;
  topics: readonly string[];
}

/** @throws AppError usage, source-empty, prometheus-refused, report-unreadable, file-exists */
export async function requestedHistory(options: HistoryOptions, { signal, clock }: Pick<Caller, 'signal' | 'clock'>) {
  const config = await loadConfig(configPath(options.config), { signal });
  const nowMs = clock.now().getTime();
  const { promotions } = config.service;
  const { from, to } = options;
  if (options.history !== undefined) {
    const { data: recorded } = await readDocument(options.history, PromotionHistory, { signal });
    return { recorded, target: targetOf(promotions, options, nowMs) };
  }
  const { target, replayed } = choosePromotion(promotions, options.promotion, { from, to }, nowMs);
  const { name, config: cluster } = clusterIn(config, options.cluster);
  const source = sourceOf(config, name, options.prometheus);
  const recorded = await readHistory(
    {
      source,
      broker: cluster.broker,
      cluster: name,
      nameInSource: config.service.clusters[name]?.nameInSource ?? name,
      replayed,
      topics: options.topics,
      intervalSeconds: options.interval,
    },
    { signal, clock },
  );
  const saved = options['save-history'];
  if (saved !== undefined) {
    const hint = `choose another file; one that --save-history wrote before is read with --history ${quotedWord(saved)} instead`;
    await writeNew(saved, `${JSON.stringify(recorded, undefined, 2)}\n`, { hint });
  }
  return { recorded, target };
}

function targetOf(promotions: Config['service']['promotions'], { promotion }: HistoryOptions, nowMs: number) {
  const given = { from: '1970-01-01T00:00:00Z', to: '1970-01-02T00:00:00Z' };
  return choosePromotion(promotions, promotion, given, nowMs).target;
}

function sourceOf({ sources = {}, service }: Config, cluster: string, url: string | undefined): PrometheusTelemetry {
  if (url !== undefined) return prometheusAt(url);
  const named = service.clusters[cluster]?.source;
  const source = named === undefined ? undefined : sources[named];
  if (source?.kind === 'prometheus') return source;
  throw new AppError(
    'usage',
    named === undefined
      ? `cluster ${cluster} has no Prometheus in the config, so the last promotion cannot be read`
      : `source ${named} of cluster ${cluster} is not a Prometheus`,
    { hint: 'give --prometheus URL, set service.clusters.NAME.source, or give --history FILE' },
  );
}
