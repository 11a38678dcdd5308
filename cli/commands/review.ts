// How good was what was said before a promotion? Forecast, safe maximum, alerts and levers of its report against what happened.

import { writeFile } from 'node:fs/promises';
import { timeZone } from '../../analyzer/forecast/local-time.ts';
import type { Span } from '../../analyzer/review/happened.ts';
import { reviewPromotion } from '../../analyzer/review/review-promotion.ts';
import { StoredCapacityReport, type CapacityReport } from '../../core/documents/capacity-report.ts';
import { AppError, exitCodes } from '../../core/errors.ts';
import { renderHtml } from '../../dashboards/reports/capacity/render-html.ts';
import { renderMarkdown } from '../../dashboards/reports/capacity/render-markdown.ts';
import { writeReview } from '../../dashboards/reports/capacity/review/write-review.ts';
import { languages, type ReportLanguage } from '../../dashboards/reports/capacity/words.ts';
import type { Command, CommandIo } from '../command.ts';
import { readDocument } from '../report/read-inputs.ts';
import { gradesIn, reportIn } from '../review/read-ledger.ts';
import type { LedgerReader } from '../../service/ledger/ledger.ts';
import { openLedger } from '../../service/ledger/sqlite-ledger.ts';
import { readHappened } from '../review/read-happened.ts';

const day = 86_400_000;
const formats = ['md', 'html'] as const;

export const reviewCommand = {
  name: 'review',
  options: {
    promotion: {
      type: 'string',
      value: 'NAME',
      help: 'that the report is of (required, so that no other one is scored)',
    },
    report: { type: 'string', value: 'FILE', help: 'what `plimsoll report --format json` wrote' },
    ledger: {
      type: 'string',
      value: 'FILE',
      help: 'the ledger of the service: grades, and the report where --report is not given',
    },
    history: {
      type: 'string',
      value: 'DOMAIN=FILE',
      multiple: true,
      help: 'CSV of the load of a domain: time,value',
    },
    prometheus: { type: 'string', value: 'URL', help: 'read the alerts that fired from this server, and --load' },
    load: {
      type: 'string',
      value: 'DOMAIN=EXPR',
      multiple: true,
      help: 'expression that gives the load of a domain as one series',
    },
    events: { type: 'string', value: 'FILE', help: 'YAML file with recorded incidents, alerts and actions' },
    from: { type: 'string', value: 'DATE', help: 'first day (default that of the report)' },
    to: { type: 'string', value: 'DATE', help: 'last day (default that of the report)' },
    timezone: { type: 'string', value: 'ZONE', help: 'whose days these are, such as Asia/Shanghai (default UTC)' },
    format: { type: 'string', value: 'NAME', help: 'md or html (default md)' },
    lang: { type: 'string', value: 'NAME', help: 'en or zh (default en)' },
    json: { type: 'boolean', help: 'print one JSON document' },
    out: { type: 'string', value: 'FILE', help: 'where to write it (default standard output)' },
    force: { type: 'boolean', help: 'overwrite the file' },
  },
  examples: [
    'plimsoll review --promotion "Double 11" --report report.json --history orders=orders.csv --events events.yaml',
    'plimsoll review --promotion "Double 11" --report report.json --prometheus http://prometheus:9090 --load \'orders=sum(rate(kafka_topic_partition_current_offset[1m]))\' --lang zh --format html --out review.html',
  ],

  async run(io) {
    const text = (option: string) => {
      const value = io.options[option];
      return typeof value === 'string' ? value : undefined;
    };
    const ledgerPath = text('ledger');
    using ledger = ledgerPath === undefined ? undefined : openLedger(ledgerPath, { clock: io.clock, access: 'read' });
    const { report, sha256 } = await askedReport(text('promotion'), text('report'), ledger, io);
    const format = oneOf('format', text('format'), formats) ?? 'md';
    const language = oneOf('lang', text('lang'), Object.keys(languages) as ReportLanguage[]) ?? 'en';
    const promotion = spanOf(report, { from: text('from'), to: text('to'), zone: text('timezone') ?? 'UTC' });
    const asked = {
      histories: (io.options['history'] ?? []) as readonly string[],
      loads: (io.options['load'] ?? []) as readonly string[],
      prometheus: text('prometheus'),
      events: text('events'),
      domains: report.verdicts.map(({ domain }) => domain),
    };
    if (asked.histories.length === 0 && asked.prometheus === undefined && asked.events === undefined) {
      throw new AppError('usage', 'review has nothing to hold the report against', {
        hint: 'give --history DOMAIN=FILE, --prometheus URL, or --events FILE',
      });
    }
    const happened = await readHappened(asked, promotion, io);
    const grades = ledger && gradesIn(ledger, promotion);
    const review = reviewPromotion({ report, sha256, promotion, ...happened, ...(grades && { grades }) });
    const written =
      io.options['json'] === true
        ? `${JSON.stringify(review, null, 2)}\n`
        : format === 'html'
          ? renderHtml(writeReview(review, language), language)
          : renderMarkdown(writeReview(review, language));
    const out = text('out');
    if (out === undefined) io.stdout.write(written);
    else await write(out, written, io);
    return review.held.graded === 0 ? exitCodes.unknown : exitCodes.answered;
  },
} satisfies Command;

async function askedReport(
  name: string | undefined,
  path: string | undefined,
  ledger: LedgerReader | undefined,
  io: CommandIo,
): Promise<{ report: CapacityReport; sha256: string }> {
  if (name === undefined || (path === undefined && ledger === undefined)) {
    throw new AppError('usage', 'review needs --promotion NAME, and --report FILE or --ledger FILE', {
      hint: 'the report is what `plimsoll report --promotion NAME --format json` wrote before the promotion',
    });
  }
  if (path === undefined) return reportIn(ledger as LedgerReader, name);
  const { data: report, sha256 } = await readDocument(path, StoredCapacityReport, io);
  if (report.promotion.name === name) return { report, sha256 };
  throw new AppError('usage', `${path} is the report of ${report.promotion.name}, not of ${name}`);
}

/** Whole days where the users are. */
function spanOf(
  { promotion }: CapacityReport,
  {
    from = promotion.from,
    to = promotion.to,
    zone,
  }: { from: string | undefined; to: string | undefined; zone: string },
): Span {
  if (from === undefined || to === undefined) {
    throw new AppError('usage', 'the report does not say when the promotion was', {
      hint: 'give --from DATE and --to DATE',
    });
  }
  const { offsetAt } = timeZone(zone);
  const midnight = (text: string) => {
    const utc = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(text) : Number.NaN;
    if (Number.isNaN(utc)) throw new AppError('usage', `${text} is no day`, { hint: 'write it as 2026-11-11' });
    return utc - offsetAt(utc - offsetAt(utc));
  };
  const span = { fromMs: midnight(from), toMs: midnight(to) + day - 1 };
  if (span.toMs < span.fromMs) throw new AppError('usage', `the promotion ends on ${to}, before it begins on ${from}`);
  return span;
}

function oneOf<Name extends string>(
  option: string,
  text: string | undefined,
  names: readonly Name[],
): Name | undefined {
  if (text === undefined) return undefined;
  const name = names.find((each) => each === text);
  if (name !== undefined) return name;
  throw new AppError('usage', `--${option} ${text} is not known`, { hint: `write ${names.join(', ')}` });
}

async function write(path: string, text: string, { options, signal }: CommandIo): Promise<void> {
  try {
    await writeFile(path, text, { flag: options['force'] === true ? 'w' : 'wx', signal });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') {
      throw new AppError('file-exists', `${path} is there already`, { cause });
    }
    throw cause;
  }
}
