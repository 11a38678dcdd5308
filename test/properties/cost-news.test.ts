import { expect, test } from 'vitest';
import { analyzeProduction } from '../../analyzer/production/analyze-production.ts';
import type { SourceTelemetry } from '../../analyzer/evidence/sources/telemetry.ts';
import { isCostNews } from '../../service/schedule/jobs.ts';
import { examplePolicy } from '../support/example-policy.ts';
import { fullMatrix } from '../support/prerequisites.ts';
import { drawProduction, type Trouble } from '../truth/production/production-world.ts';

const policy = examplePolicy();
/** Window that the job reads, in seconds. */
const window = 3 * 86_400;
const worlds = fullMatrix ? 20 : 1;
const seeds = Array.from({ length: worlds }, (_, seed) => seed + 500);

/** Returns the telemetry that a query of these seconds returns. */
function within(telemetry: SourceTelemetry, from: number, to: number): SourceTelemetry {
  const spans = <Span extends { from: number; to: number }>(all: Iterable<Span>): Span[] =>
    Array.from(all)
      .filter((span) => span.from >= from && span.to <= to)
      .map((span) => ({ ...span, from: span.from - from, to: span.to - from }));
  return {
    ...telemetry,
    startedAt: new Date(Date.parse(telemetry.startedAt) + from * 1000).toISOString(),
    durationSeconds: to - from,
    hosts: new Map([...telemetry.hosts].map(([name, host]) => [name, { ...host, intervals: spans(host.intervals) }])),
    brokers: new Map([...telemetry.brokers].map(([id, intervals]) => [id, spans(intervals)])),
    traffic: spans(telemetry.traffic),
    events: telemetry.events
      .filter(({ elapsedSeconds: at }) => at >= from && at < to)
      .map((event) => ({ ...event, elapsedSeconds: event.elapsedSeconds - from })),
  };
}

const analyzed = (telemetry: SourceTelemetry) => analyzeProduction(telemetry, { cluster: 'world' }, policy);

/** @param lastUntil seconds before the end at which production was last analyzed */
function newsOf(trouble: Trouble, lastUntil: number) {
  return seeds.map((seed) => {
    const { telemetry, changeAt } = drawProduction(seed, trouble);
    const { durationSeconds: end } = telemetry;
    const now = analyzed(within(telemetry, Math.max(0, end - window), end));
    const before = analyzed(within(telemetry, 0, changeAt > 0 ? changeAt : end - lastUntil));
    return { isNews: isCostNews(now, before), isNewsAgain: isCostNews(now, analyzed(telemetry)) };
  });
}

const share = (all: readonly boolean[]) => all.filter(Boolean).length / all.length;

const troubles = ['deploy an hour ago, unannounced', 'deploy an hour ago'] as const;
const others = ['none', 'nightly backup', 'storms', 'cores of others', 'message size by the hour'] as const;
/** A sample takes seconds, so the quick run uses one of each kind. */
const first = <Each>(all: readonly Each[]) => (fullMatrix ? all : all.slice(0, 1));

test.each(first<Trouble>(troubles))(
  'reports a changed cost per message once: %s',
  (trouble) => {
    const news = newsOf(trouble, 0);
    expect(share(news.map(({ isNews }) => isNews))).toBeGreaterThanOrEqual(0.8);
    expect(share(news.map(({ isNewsAgain }) => isNewsAgain))).toBeLessThanOrEqual(0.2);
  },
  1_800_000,
);

test.each(first<Trouble>(others))(
  'days without a new cost cause no analysis: %s',
  (trouble) => {
    const news = newsOf(trouble, 6 * 3600);
    expect(share(news.map(({ isNews }) => isNews))).toBeLessThanOrEqual(0.2);
  },
  1_800_000,
);
