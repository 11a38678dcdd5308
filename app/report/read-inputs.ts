// Reads the source documents of a report, with their hashes.

import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { z } from 'zod';
import { endOfStep } from '../../analyzer/forecast/grid.ts';
import { measuredAt } from '../../analyzer/review/capacity-report/conditions/evidence.ts';
import type { ClusterSettings } from '../../analyzer/review/capacity-report/go-case.ts';
import type { ForecastPeak } from '../../analyzer/review/capacity-report/report-inputs.ts';
import { Analysis } from '../../core/documents/analysis.ts';
import { StoredCapacityReport, type ReportSource } from '../../core/documents/capacity-report.ts';
import { BlastRadiusDocument } from '../../core/documents/blast-radius.ts';
import { PromotionReview } from '../../core/documents/promotion-review.ts';
import { ClusterPlans } from '../../core/documents/cluster-plan.ts';
import { LoadDocument, PeakHistory } from '../../core/documents/forecast.ts';
import { SettingsSnapshot } from '../../core/documents/settings-snapshot.ts';
import { defined } from '../../core/defined.ts';
import { AppError } from '../../core/errors.ts';
import { TimeZone } from '../../core/local-moment.ts';
import { refuseSecond } from './domain-values.ts';
import { parseJsonFile } from '../../core/text/parse-json.ts';
import { readBounded } from '../files/read-bounded.ts';

type Io = { signal: AbortSignal };

const Forecast = z.looseObject({
  kind: z.literal('forecast', { error: 'it holds no forecast of load: `plimsoll forecast --json` writes one' }),
  peak: z
    .object({ ...LoadDocument.shape.peak.shape, value: z.number().nonnegative() })
    .refine(
      ({ low = 0, value, high = Infinity }) => low <= value && value <= high,
      'low, value and high are in this order',
    )
    .refine(({ low, high }) => (low === undefined) === (high === undefined), 'low and high are given together'),
  timezone: TimeZone.default('UTC'),
  history: PeakHistory.extend({
    spacingSeconds: LoadDocument.shape.history.shape.spacingSeconds.optional(),
  }).optional(),
  points: z.array(z.looseObject(LoadDocument.shape.points.element.shape)).default([]),
  chosen: z.string().optional(),
  backtest: z
    .looseObject({ ways: z.array(z.looseObject({ name: z.string(), coverage: z.number() })).optional() })
    .optional(),
});

/** Output of a command with `--json` that failed. */
const Failed = z.looseObject({ error: z.looseObject({ message: z.string() }) });

interface ReportFiles {
  plan: string | undefined;
  analyses: readonly string[];
  forecasts: readonly string[];
  settings: readonly string[];
  blastRadius: string | undefined;
  previous: string | undefined;
  review: string | undefined;
}

/** @throws AppError usage, not-found, no-permission, report-unreadable with file and place */
export async function readInputs(
  { plan, analyses, forecasts, settings, blastRadius, previous, review }: ReportFiles,
  io: Io,
) {
  refuseSecond(
    'forecast',
    named('forecast', forecasts).map(({ domain }) => domain),
  );
  const planned = plan === undefined ? undefined : await readDocument(plan, ClusterPlans, io);
  const radius = blastRadius === undefined ? undefined : await readDocument(blastRadius, BlastRadiusDocument, io);
  return {
    ...(plan !== undefined &&
      planned && { plan: { plans: planned.data, source: sourceOf('plan', plan, planned.sha256) } }),
    analyses: await Promise.all(
      numbered(named('analysis', analyses)).map(async ({ domain, path, place }) => {
        const { data, sha256 } = await readDocument(path, Analysis, io);
        return { domain, analysis: data, source: sourceOf('analysis', path, sha256, domain, place) };
      }),
    ),
    forecasts: await Promise.all(
      named('forecast', forecasts).map(async ({ domain, path }) => {
        const { data, sha256 } = await readDocument(path, Forecast, io);
        return { domain, forecast: peakOf(data), source: sourceOf('forecast', path, sha256, domain) };
      }),
    ),
    settings: await Promise.all(
      numbered(named('settings', settings)).map(async ({ domain, path, place }) => {
        const { data, sha256 } = await readDocument<z.ZodType<SettingsFile>>(path, settingsForm, io);
        return { domain, known: knownSettings(path, data), source: sourceOf('settings', path, sha256, domain, place) };
      }),
    ),
    ...(blastRadius !== undefined &&
      radius && {
        blastRadius: { document: radius.data, source: sourceOf('blast-radius', blastRadius, radius.sha256) },
      }),
    ...(review !== undefined && { review: (await readDocument(review, PromotionReview, io)).data }),
    ...(previous !== undefined && { previous: (await readDocument(previous, StoredCapacityReport, io)).data }),
  };
}

/** A verdict contains the settings of its test, so a later verdict also provides current settings. */
type SettingsFile = SettingsSnapshot | Analysis;

/** Its `run` identifies the form of a file; a union would report a fault of one form as a fault of both. */
const settingsForm = (written: unknown) =>
  typeof written === 'object' && written !== null && 'run' in written ? Analysis : SettingsSnapshot;

function knownSettings(path: string, file: SettingsFile): ClusterSettings {
  if ('at' in file) return { cluster: file.cluster, at: file.at, fingerprint: file.fingerprint, unread: file.unread };
  const { run, fingerprint } = file;
  if (run.startedAt !== undefined && fingerprint !== undefined) {
    return { cluster: run.cluster, at: new Date(measuredAt(file)).toISOString(), fingerprint, unread: [] };
  }
  throw new AppError('report-unreadable', `${path} contains no settings, or no time of reading`, {
    hint: '`plimsoll get fingerprint --json` reads the current settings of a cluster',
  });
}

/** Several files of one domain are numbered. */
const numbered = (all: ReturnType<typeof named>) =>
  all.map((each, index) => ({
    ...each,
    place: 1 + all.slice(0, index).filter(({ domain }) => domain === each.domain).length,
  }));

function peakOf({ peak, chosen, backtest, history, points, timezone }: z.infer<typeof Forecast>): ForecastPeak {
  const coverage = backtest?.ways?.find(({ name }) => name === chosen)?.coverage;
  const readingSeconds = history?.spacingSeconds;
  const common = { peak, ...defined({ coverage, readingSeconds }) };
  const [first, second] = points;
  const last = points.at(-1);
  if (first === undefined || second === undefined || last === undefined) return common;
  const stepMs = Date.parse(second.time) - Date.parse(first.time);
  const to = new Date(endOfStep(Date.parse(last.time), stepMs, timezone)).toISOString();
  const known = points.flatMap(({ time, value, low, high }) =>
    value === undefined ? [] : [{ time, value, ...(low !== undefined && high !== undefined && { low, high }) }],
  );
  const withoutValue = points.flatMap(({ time, value }) => (value === undefined ? [time] : []));
  const ofPromotion = points.flatMap(({ time, promotion }) => (promotion === undefined ? [] : [time]));
  return {
    ...common,
    points: known,
    span: { from: first.time, to, stepMs, timezone },
    ...(withoutValue.length > 0 && { withoutValue }),
    ...(ofPromotion.length > 0 && { ofPromotion }),
  };
}

function sourceOf(kind: ReportSource['kind'], path: string, sha256: string, domain?: string, place = 1): ReportSource {
  const id = domain === undefined ? kind : `${kind} ${domain}${place > 1 ? ` ${place}` : ''}`;
  // Only the name, because local paths do not belong in a report.
  return { id, kind, name: basename(path), ...(domain !== undefined && { domain }), sha256 };
}

/** In the notation of the command line: `orders=verdict.json`. */
function named(option: string, texts: readonly string[]) {
  return texts.map((text) => {
    const [, domain, path] = /^([^=]+)=(.+)$/.exec(text) ?? [];
    if (domain === undefined || path === undefined) {
      throw new AppError('usage', `--${option} ${text} has no domain`, {
        hint: `write --${option} DOMAIN=FILE, such as --${option} orders=verdict.json`,
      });
    }
    return { domain, path };
  });
}

/** @throws AppError report-unreadable */
export async function readDocument<Schema extends z.ZodType>(
  path: string,
  schema: Schema | ((written: unknown) => Schema),
  io: Io,
): Promise<{ data: z.output<Schema>; sha256: string }> {
  const text = await readBounded(path, io, { fault: 'report-unreadable' });
  const written = parseJsonFile(text, path, 'report-unreadable');
  const { data: failed } = Failed.safeParse(written);
  if (failed) {
    throw new AppError('report-unreadable', `${path} contains the error of a failed command: ${failed.error.message}`);
  }
  const { data, error } = (typeof schema === 'function' ? schema(written) : schema).safeParse(written);
  if (error) throw new AppError('report-unreadable', `${path} has the wrong format: ${z.prettifyError(error)}`);
  return { data, sha256: createHash('sha256').update(text).digest('hex') };
}
