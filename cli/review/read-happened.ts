// What happened in a promotion? Loads from files or a Prometheus, alerts that fired from there, and what people wrote down.

import type { Reading } from '../../analyzer/forecast/history.ts';
import type { Span } from '../../analyzer/review/happened.ts';
import { PrometheusTelemetry } from '../../analyzer/sources/config.ts';
import { queryRange, type Conversation, type RangeSeries } from '../../analyzer/sources/range-query.ts';
import { loadConfigFile } from '../../core/config-file.ts';
import { AppError } from '../../core/errors.ts';
import { Happenings } from '../../core/promotion-review.ts';
import type { CommandIo } from '../command.ts';
import { readHistoryFile } from '../forecast/history-file.ts';

type Io = Pick<CommandIo, 'signal' | 'clock'>;

/** As alerts are judged. Two weeks are 20,160 points. */
const gridSeconds = 60;
const mostAlerts = 2000;
/** An alert that is away for less fires on. */
const joinsSeconds = 300;

export interface AskedHappenings {
  /** `DOMAIN=FILE`. */
  histories: readonly string[];
  /** `DOMAIN=EXPR`, of the Prometheus. */
  loads: readonly string[];
  prometheus: string | undefined;
  events: string | undefined;
  /** That are scored: a misspelt one would be one without readings. */
  domains: readonly string[];
}

/** @throws AppError usage, history-unreadable, config-invalid, prometheus-refused, source-empty */
export async function readHappened(
  { histories, loads, prometheus, events, domains }: AskedHappenings,
  promotion: Span,
  { signal, clock }: Io,
): Promise<{ histories: { domain: string; readings: readonly Reading[] }[]; happenings: Happenings }> {
  const files = histories.map((text) => named('history', text, domains));
  const expressions = loads.map((text) => named('load', text, domains));
  if (prometheus === undefined && expressions.length > 0) {
    throw new AppError('usage', '--load names an expression, and --prometheus is missing');
  }
  const written = events === undefined ? Happenings.parse({}) : await loadConfigFile(events, Happenings, { signal });
  for (const { domain } of written.levers) known(domain, domains);
  const kept = await Promise.all(
    files.map(async ([domain, path]) => ({ domain, readings: await readHistoryFile(path, { signal }) })),
  );
  if (prometheus === undefined) return { histories: kept, happenings: written };
  const { data: source, error } = PrometheusTelemetry.safeParse({ kind: 'prometheus', url: prometheus });
  if (source === undefined) throw new AppError('usage', `--prometheus ${prometheus}: ${error.issues[0]?.message}`);
  const talk: Conversation = {
    source,
    name: prometheus,
    clock,
    signal,
    requests: 0,
    wireBytes: 0,
    failedInARow: 0,
  };
  const read: { domain: string; readings: readonly Reading[] }[] = [];
  for (const [domain, expression] of expressions) {
    const [only, ...others] = await seriesOf(talk, expression, promotion, 1);
    if (only === undefined || others.length > 0) {
      throw new AppError(
        'source-empty',
        `${prometheus} has ${others.length === 0 ? 'no' : 'more than one'} series for ${expression}`,
        {
          hint: 'put sum() around it, and open it in the browser of the Prometheus over the days of the promotion',
        },
      );
    }
    read.push({ domain, readings: readingsOf(only, promotion) });
  }
  const fired = await seriesOf(talk, 'ALERTS{alertstate="firing"}', promotion, mostAlerts);
  const alerts = fired.flatMap((series) => firingsOf(series, promotion));
  return { histories: [...kept, ...read], happenings: { ...written, alerts: [...written.alerts, ...alerts] } };
}

function named(option: string, text: string, domains: readonly string[]): [domain: string, rest: string] {
  const [, domain, rest] = /^([^=]+)=(.+)$/s.exec(text) ?? [];
  if (domain !== undefined && rest !== undefined) return [known(domain, domains), rest];
  const value = option === 'load' ? 'EXPR' : 'FILE';
  throw new AppError('usage', `--${option} ${text} does not say which domain it is of`, {
    hint: `write --${option} DOMAIN=${value}`,
  });
}

function known(domain: string, domains: readonly string[]): string {
  if (domains.includes(domain)) return domain;
  throw new AppError('usage', `the report has no domain ${domain}`, { hint: `it has ${domains.join(', ')}` });
}

async function seriesOf(
  talk: Conversation,
  expression: string,
  { fromMs, toMs }: Span,
  most: number,
): Promise<readonly RangeSeries[]> {
  const firstEnd = Math.floor(fromMs / 1000);
  const points = Math.max(1, Math.floor((toMs - fromMs) / 1000 / gridSeconds) + 1);
  return (await queryRange(talk, expression, { firstEnd, gridSeconds, points }, most)).series;
}

const momentOf = ({ fromMs }: Span, index: number) => (Math.floor(fromMs / 1000) + index * gridSeconds) * 1000;

function readingsOf({ values }: RangeSeries, promotion: Span): Reading[] {
  return Array.from(values, (value, index) => ({ timeMs: momentOf(promotion, index), value })).filter(
    ({ value }) => Number.isFinite(value) && value >= 0,
  );
}

/** A series of ALERTS is there while the alert fires. */
export function firingsOf({ labels, values }: RangeSeries, promotion: Span): Happenings['alerts'] {
  const firings: { first: number; last: number }[] = [];
  for (const [index, value] of values.entries()) {
    if (!(value > 0)) continue;
    const last = firings.at(-1);
    if (last !== undefined && (index - last.last) * gridSeconds <= joinsSeconds) last.last = index;
    else firings.push({ first: index, last: index });
  }
  const severity = (['critical', 'warning'] as const).find((each) => each === labels['severity']) ?? 'info';
  const domain = labels['domain'];
  return firings.map(({ first, last }) => ({
    name: labels['alertname'] ?? 'unnamed',
    severity,
    ...(domain !== undefined && { domain }),
    from: new Date(momentOf(promotion, first)).toISOString(),
    to: new Date(momentOf(promotion, last)).toISOString(),
  }));
}
