// Reads the loads and alerts of a promotion from files or Prometheus.

import type { Reading } from '../../analyzer/forecast/history.ts';
import type { Span } from '../../analyzer/review/domain-record.ts';
import { isTrouble, openPromotionMetrics, type FiredAlert } from '../../analyzer/review/promotion-metrics.ts';
import { withPages } from '../../analyzer/review/score-alerts.ts';
import type { Happenings } from '../../analyzer/review/review-promotion.ts';
import { prometheusAt } from '../../analyzer/evidence/sources/config.ts';
import { loadConfigFile } from '../../core/config-file.ts';
import { AppError } from '../../core/errors.ts';
import { PromotionLog } from '../../core/documents/promotion-review.ts';
import { defined } from '../../core/defined.ts';
import type { Caller } from '../caller.ts';
import { readHistoryFile } from './history-file.ts';

type Io = Pick<Caller, 'signal' | 'clock'>;

interface HappeningFiles {
  /** `DOMAIN=FILE`. */
  histories: readonly string[];
  /** `DOMAIN=EXPR` for Prometheus. */
  loads: readonly string[];
  prometheus: string | undefined;
  events: string | undefined;
  /** Domains of the review: a misspelled name would have no readings. */
  domains: readonly string[];
  /** Names of its cluster by domain, in the config and in the monitoring system; empty without a config. */
  clusters: Readonly<Record<string, readonly string[]>>;
}

/** @throws AppError usage, history-unreadable, config-invalid, prometheus-refused, source-empty */
export async function readHappened(
  { histories, loads, prometheus, events, domains, clusters }: HappeningFiles,
  promotion: Span,
  { signal, clock }: Io,
): Promise<{ histories: { domain: string; readings: readonly Reading[] }[]; happenings: Happenings | undefined }> {
  const files = histories.map((text) => named('history', text, domains));
  const expressions = loads.map((text) => named('load', text, domains));
  if (prometheus === undefined && expressions.length > 0) {
    throw new AppError('usage', '--load names an expression, and --prometheus is missing');
  }
  const written =
    events === undefined ? PromotionLog.parse({}) : await loadConfigFile(events, PromotionLog, { signal });
  for (const { domain } of written.levers) known(domain, domains);
  const kept = await Promise.all(
    files.map(async ([domain, path]) => ({ domain, readings: await readHistoryFile(path, { signal }) })),
  );
  if (prometheus === undefined) return { histories: kept, happenings: events === undefined ? undefined : written };
  const metricsOf = (span: Span) => openPromotionMetrics(prometheusAt(prometheus), span, { signal, clock });
  const metrics = metricsOf(promotion);
  const read: { domain: string; readings: readonly Reading[] }[] = [];
  for (const [domain, expression] of expressions) read.push({ domain, readings: await metrics.load(expression) });
  const alerts = ofDomains(await metricsOf(withPages(promotion)).alerts(), domains, clusters);
  return {
    histories: [...kept, ...read],
    happenings: happeningsOf(alerts, events === undefined ? undefined : written),
  };
}

/** Without recorded incidents, alerts about the cluster, its brokers or its lag are the incidents. */
function happeningsOf(fired: readonly ClusterAlert[], written: PromotionLog | undefined): Happenings {
  if (written !== undefined) return { ...written, alerts: [...written.alerts, ...fired] };
  return {
    troubles: fired
      .filter((alert) => isTrouble(alert) && !isUnclear(alert))
      .flatMap(({ from, to, name: what, domain, domains = [domain] }) => {
        const its = domain === undefined ? domains : [domain];
        return its.map((each) => ({ from, to, what, ...defined({ domain: each }) }));
      }),
    alerts: fired.filter((alert) => !isTrouble(alert)),
    levers: [],
    mayBeTroubles: fired.filter(isUnclear),
  };
}

/** `isAssumed`: no config states which domains its cluster has. */
type ClusterAlert = FiredAlert & { isAssumed?: boolean };

const isUnclear = (alert: ClusterAlert) =>
  alert.scope === undefined ? alert.severity === 'critical' : isTrouble(alert) && alert.isAssumed === true;

/** Alerts about brokers, hosts and JVMs name only the cluster. */
function ofDomains(
  fired: readonly FiredAlert[],
  domains: readonly string[],
  clusters: HappeningFiles['clusters'],
): ClusterAlert[] {
  const others = domains.filter((domain) => clusters[domain] === undefined);
  return fired.flatMap((alert): ClusterAlert[] => {
    const { cluster } = alert;
    if (cluster === undefined) return [alert];
    const own = domains.filter((domain) => clusters[domain]?.includes(cluster));
    // A cluster without domains may belong to a domain without a cluster in the config.
    const its = own.length > 0 ? own : others;
    return its.length === 0
      ? []
      : [{ ...alert, domains: its, isAssumed: alert.domain === undefined && own.length === 0 }];
  });
}

function named(option: string, text: string, domains: readonly string[]): [domain: string, rest: string] {
  const [, domain, rest] = /^([^=]+)=(.+)$/s.exec(text) ?? [];
  if (domain !== undefined && rest !== undefined) return [known(domain, domains), rest];
  const value = option === 'load' ? 'EXPR' : 'FILE';
  throw new AppError('usage', `--${option} ${text} does not name a domain`, {
    hint: `write --${option} DOMAIN=${value}`,
  });
}

function known(domain: string, domains: readonly string[]): string {
  if (domains.includes(domain)) return domain;
  throw new AppError('usage', `the report has no domain ${domain}`, { hint: `it has ${domains.join(', ')}` });
}
