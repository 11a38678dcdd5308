// Implements `plimsoll review`: compares a report with the actual course of its promotion.

import { createHash } from 'node:crypto';
import { timeZone } from '../../analyzer/forecast/local-time.ts';
import type { Span } from '../../analyzer/review/domain-record.ts';
import { reviewPromotion } from '../../analyzer/review/review-promotion.ts';
import { StoredCapacityReport, type CapacityReport } from '../../core/documents/capacity-report.ts';
import { AppError, exitCodes } from '../../core/errors.ts';
import { momentOf } from '../../core/local-moment.ts';
import { renderHtml } from '../../dashboards/reports/capacity/render-html.ts';
import { renderMarkdown } from '../../dashboards/reports/capacity/render-markdown.ts';
import { writeReview } from '../../dashboards/reports/capacity/review/write-review.ts';
import { day, languageOption, configFileOption } from '../options.ts';
import { choice, type CommandIo, defineCommand, flag, list, option, text } from '../command.ts';
import { readDocument } from '../../app/report/read-inputs.ts';
import { everyEntry, type HistoryReader } from '../../service/history/history.ts';
import { openHistory } from '../../service/history/sqlite-history.ts';
import { readHappened } from '../../app/planning/read-happened.ts';
import { writeNew } from '../../app/files/write-new.ts';
import { defaultConfigFile } from '../../app/config/config-file.ts';
import { daysOf, promotionNamed, spanOfLocal, type Promotion } from '../../app/config/promotion.ts';
import { clustersOfDomains, configuredService } from '../../app/planning/configured-promotions.ts';
import { isPrediction } from '../../service/grading/report-before.ts';

const dayMs = 86_400_000;
const formats = ['md', 'html'] as const;

export const reviewCommand = defineCommand({
  options: {
    promotion: text('NAME', 'promotion of the report (required, so that no other one is scored)'),
    report: text('FILE', 'report written by `plimsoll report --format json`'),
    'history-db': {
      ...text(
        'FILE',
        'history of the service: source of tested predictions, and of the report if --report is not given',
      ),
      formerly: 'ledger',
    },
    history: list('DOMAIN=FILE', 'CSV of the load of a domain: time,value'),
    prometheus: text('URL', 'read the alerts that fired, and --load, from this server'),
    load: list('DOMAIN=EXPR', 'expression that gives the load of a domain as one series'),
    events: text('FILE', 'YAML file with recorded incidents, alerts and actions'),
    from: day('first day (default that of the report)'),
    to: day('last day (default that of the report)'),
    timezone: text('ZONE', 'time zone of the days, such as Asia/Shanghai (default that of service.promotions, or UTC)'),
    config: {
      ...configFileOption,
      help: `config file with the promotions (default ${defaultConfigFile}, if there is one)`,
    },
    format: option('NAME', 'md or html (default md)', choice(formats).default('md')),
    lang: languageOption('the review'),
    json: flag('print one JSON document'),
    out: text('FILE', 'file to write (default standard output)'),
    force: flag('overwrite an existing file'),
  },
  examples: [
    'plimsoll review --promotion "Double 11" --report report.json --history orders=orders.csv --events events.yaml',
    'plimsoll review --promotion "Double 11" --report report.json --prometheus http://prometheus:9090 --load \'orders=sum(clamp_min(max without (instance) (deriv(kafka_topic_partition_current_offset{cluster="orders", topic!~"__.*"}[1m])), 0))\' --lang zh --format html --out review.html',
  ],

  async run(io) {
    const { 'history-db': historyPath, format, lang: language, from, to, timezone, out } = io.options;
    using history =
      historyPath === undefined ? undefined : openHistory(historyPath, { clock: io.clock, access: 'read' });
    const service = await configuredService(io.options.config, io);
    const promotions = service?.promotions ?? [];
    const { report, sha256 } = await requestedReport(
      { name: io.options.promotion, path: io.options.report, from, timezone },
      { history, promotions },
      io,
    );
    const known = promotionNamed(promotions, report.promotion.name, report.asOf);
    const zone = timezone ?? known?.timezone ?? 'UTC';
    // To the minute, as in the service, so that the hours before and after the promotion do not count.
    const promotion =
      known !== undefined && from === undefined && to === undefined && zone === known.timezone && isOn(known, report)
        ? spanOfLocal(known)
        : spanOf(report, { from, to, zone }, known && daysOf(known));
    const request = {
      histories: io.options.history,
      loads: io.options.load,
      prometheus: io.options.prometheus,
      events: io.options.events,
      domains: report.verdicts.map(({ domain }) => domain),
      clusters: clustersOfDomains(service),
    };
    if (request.histories.length === 0 && request.prometheus === undefined && request.events === undefined) {
      throw new AppError('usage', 'review has nothing to compare the report with', {
        hint: 'give --history DOMAIN=FILE, --prometheus URL, or --events FILE',
      });
    }
    const happened = await readHappened(request, promotion, io);
    const grades = history && gradesIn(history, promotion);
    const review = reviewPromotion({ report, sha256, promotion, ...happened, ...(grades && { grades }) });
    const written = io.options.json
      ? `${JSON.stringify(review, null, 2)}\n`
      : format === 'html'
        ? renderHtml(writeReview(review, report.verdicts, language), language)
        : renderMarkdown(writeReview(review, report.verdicts, language));
    if (out === undefined) io.stdout.write(written);
    else await writeNew(out, written, { force: io.options.force });
    return review.held.graded === 0 ? exitCodes.unknown : exitCodes.answered;
  },
});

type ReportOptions = Record<'name' | 'path' | 'from' | 'timezone', string | undefined>;

async function requestedReport(
  { name, path, ...when }: ReportOptions,
  { history, promotions }: { history: HistoryReader | undefined; promotions: readonly Promotion[] },
  io: CommandIo,
): Promise<{ report: CapacityReport; sha256: string }> {
  if (name === undefined || (path === undefined && history === undefined)) {
    throw new AppError('usage', 'review needs --promotion NAME, and --report FILE or --history-db FILE', {
      hint: 'the report is what `plimsoll report --promotion NAME --format json` wrote before the promotion',
    });
  }
  if (path === undefined) {
    const fromMs = when.from === undefined ? undefined : Date.parse(when.from);
    const beganMs = (report: CapacityReport) => beginOf(report, promotions, when);
    return reportIn(history as HistoryReader, { name, beganMs, fromMs });
  }
  const { data: report, sha256 } = await readDocument(path, StoredCapacityReport, io);
  if (report.promotion.name === name) return { report, sha256 };
  throw new AppError('usage', `${path} is the report of ${report.promotion.name}, not of ${name}`);
}

/** To the minute if the config has the promotion, else its first day. @returns undefined if neither is known */
function beginOf(
  { promotion, asOf }: CapacityReport,
  promotions: readonly Promotion[],
  { from, timezone }: Pick<ReportOptions, 'from' | 'timezone'>,
): number | undefined {
  const known = promotionNamed(promotions, promotion.name, asOf);
  const first = from ?? promotion.from;
  if (known !== undefined && (first ?? daysOf(known).from) === daysOf(known).from) return spanOfLocal(known).fromMs;
  return first === undefined
    ? undefined
    : momentOf(Date.parse(first), timeZone(timezone ?? known?.timezone ?? 'UTC').name);
}

function isOn(known: Promotion, { promotion }: CapacityReport): boolean {
  const days = daysOf(known);
  return (promotion.from ?? days.from) === days.from && (promotion.to ?? days.to) === days.to;
}

/** Whole days in the users' time zone. */
function spanOf(
  { promotion }: CapacityReport,
  options: { from: string | undefined; to: string | undefined; zone: string },
  known?: { from: string; to: string },
): Span {
  const { zone, from = promotion.from ?? known?.from, to = promotion.to ?? known?.to } = options;
  if (from === undefined || to === undefined) {
    throw new AppError('usage', 'the report does not state the dates of the promotion', {
      hint: 'give --from DATE and --to DATE',
    });
  }
  const { name } = timeZone(zone);
  // To the midnight after the last day, which can have 23 or 25 hours.
  const span = { fromMs: momentOf(Date.parse(from), name), toMs: momentOf(Date.parse(to) + dayMs, name) };
  if (span.toMs <= span.fromMs) throw new AppError('usage', `the promotion ends on ${to}, before it begins on ${from}`);
  return span;
}

interface WantedReport {
  name: string;
  /** Start of the reviewed promotion, or else of the report's promotion, if known. */
  beganMs: (report: CapacityReport) => number | undefined;
  /** Start of the reviewed promotion, if given. */
  fromMs: number | undefined;
}

/** Less than half of the interval of monthly promotions. */
const mostMovedMs = 14 * dayMs;

/** The newest report added before its promotion. @throws AppError not-found */
function reportIn(
  history: HistoryReader,
  { name, beganMs, fromMs }: WantedReport,
): { report: CapacityReport; sha256: string } {
  let isLate = false;
  for (const entry of everyEntry(history, { kinds: ['report'] })) {
    if (entry.kind !== 'report' || entry.document.promotion.name !== name) continue;
    if (!isPrediction(entry, { name, beganMs: beganMs(entry.document), fromMs, mostMovedMs })) {
      isLate = true;
      continue;
    }
    const sha256 = createHash('sha256').update(JSON.stringify(entry.document)).digest('hex');
    return { report: entry.document, sha256 };
  }
  if (isLate) {
    throw new AppError('not-found', `the history has no report of ${name} from before the promotion`, {
      hint: 'reports added after it began, or about days more than two weeks away, do not count; --report FILE reads another one',
    });
  }
  throw new AppError('not-found', `the history has no report of ${name}`, {
    hint: '`plimsoll history add report.json` enters one, `plimsoll history show --kind report` lists them',
  });
}

/** Grades of events that ended before the end of the promotion; the service tries to grade them for a week. */
function gradesIn(history: HistoryReader, { fromMs, toMs }: Span): { graded: number; held: number } {
  const entries = everyEntry(history, { kinds: ['grade'], sinceMs: fromMs, untilMs: toMs + 8 * dayMs });
  const grades = [...entries].flatMap((entry) => (entry.kind === 'grade' ? [entry.document] : []));
  const within = grades.filter(({ endedAt }) => Date.parse(endedAt) >= fromMs && Date.parse(endedAt) <= toMs);
  return { graded: within.length, held: within.filter(({ held }) => held).length };
}
