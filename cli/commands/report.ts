// May we go into the promotion? A report per business domain from plans, verdicts and forecasts, for those who sign.

import { writeFile } from 'node:fs/promises';
import { lastDayOf, makeReport } from '../../analyzer/review/capacity-report/make-report.ts';
import type { CapacityReport } from '../../core/documents/capacity-report.ts';
import { reasonText } from '../../core/documents/reasons/go-reasons.ts';
import { AppError, exitCodes } from '../../core/errors.ts';
import { shown } from '../../dashboards/reports/capacity/shown.ts';
import { languages, type ReportLanguage } from '../../dashboards/reports/capacity/words.ts';
import type { Command, CommandIo } from '../command.ts';
import { configFileOption, policyOf } from '../config.ts';
import { messageBytesOf, survivesOf } from '../report/domain-values.ts';
import { readInputs } from '../report/read-inputs.ts';
import { isBinary, renderReport, reportFormats } from '../report/render-report.ts';

/** A verdict holds for the settings it was made with, and these drift: after a quarter of a year the cluster is measured again. */
const validDays = 90;

export const reportCommand = {
  name: 'report',
  options: {
    promotion: { type: 'string', value: 'NAME', help: 'name of the promotion, such as "Double 11 2026" (required)' },
    from: { type: 'string', value: 'DATE', help: 'first day of the promotion, such as 2026-11-01' },
    to: { type: 'string', value: 'DATE', help: 'last day of the promotion' },
    plan: { type: 'string', value: 'FILE', help: 'plan written by `plimsoll size --json`' },
    analysis: {
      type: 'string',
      value: 'DOMAIN=FILE',
      multiple: true,
      help: 'verdict written by `plimsoll analyze --json` for the current cluster of the domain; give several to combine them, such as one with a broker down',
    },
    settings: {
      type: 'string',
      value: 'DOMAIN=FILE',
      multiple: true,
      help: 'settings written by `plimsoll get fingerprint --json`: the current ones, and for production evidence also earlier ones',
    },
    survives: {
      type: 'string',
      value: 'DOMAIN=LOSS',
      multiple: true,
      help: 'loss that the domain must survive at the peak: none, broker (default) or zone',
    },
    'message-size': {
      type: 'string',
      value: 'DOMAIN=BYTES',
      multiple: true,
      help: 'mean message size of the domain, such as orders=2KiB (default: from the plan)',
    },
    config: {
      ...configFileOption,
      help: 'config file with the confirmation time (default: the built-in policy)',
    },
    forecast: {
      type: 'string',
      value: 'DOMAIN=FILE',
      multiple: true,
      help: 'forecast written by `plimsoll forecast --json` for the domain (default: the peak of the plan)',
    },
    previous: { type: 'string', value: 'FILE', help: 'previous report as JSON; the new one lists the changes since' },
    review: {
      type: 'string',
      value: 'FILE',
      help: 'after the promotion: file written by `plimsoll review --json`, for part 13',
    },
    'as-of': { type: 'string', value: 'DATE', help: 'date of the report (default today)' },
    expires: {
      type: 'string',
      value: 'DATE',
      help: `last day on which the report may be signed (default ${validDays} days after the report, or after the oldest evidence if that is earlier)`,
    },
    format: { type: 'string', value: 'NAME', help: `${reportFormats.join(', ')} (default html)` },
    lang: { type: 'string', value: 'NAME', help: 'en or zh (default en)' },
    'embed-fonts': {
      type: 'boolean',
      help: 'embed fonts in the page (1 to 2 MB), for machines without Chinese fonts; a PDF always has them',
    },
    out: { type: 'string', value: 'FILE', help: 'file to write (default standard output)' },
    force: { type: 'boolean', help: 'overwrite an existing file' },
  },
  examples: [
    'plimsoll report --promotion "Double 11" --from 2026-11-01 --plan plan.json --analysis orders=verdict.json --out report.html',
    'plimsoll report --promotion "Double 11" --analysis orders=verdict.json --analysis orders=without-broker-2.json --forecast orders=ahead.json --settings orders=now.json --survives orders=broker --message-size orders=2KiB',
    'plimsoll report --promotion "双十一" --plan plan.json --lang zh --format md',
    'plimsoll report --promotion "Double 11" --plan plan.json --format xlsx --out report.xlsx',
    'plimsoll report --promotion "Double 11" --plan plan.json --previous last.json --format json --out report.json',
  ],

  async run(io) {
    const format = oneOf(io, 'format', reportFormats) ?? 'html';
    const language = oneOf(io, 'lang', Object.keys(languages) as ReportLanguage[]) ?? 'en';
    const out = io.options['out'];
    if (isBinary(format) && out === undefined) throw new AppError('usage', `--format ${format} needs --out FILE`);
    const report = await askedReport(io);
    const written = await renderReport(report, { format, language, withFonts: io.options['embed-fonts'] === true }, io);
    if (typeof out === 'string') {
      await write(out, written, io);
      io.stderr.write(inShort(report, language));
    } else io.stdout.write(String(written));
    return report.verdicts.every(({ decision }) => decision !== 'no-go') ? exitCodes.answered : exitCodes.threshold;
  },
} satisfies Command;

/** Whoever has it written to a file sees here what it says, and why the exit code is what it is. */
function inShort({ verdicts }: CapacityReport, language: ReportLanguage): string {
  const { decisions } = languages[language];
  return verdicts
    .map(({ domain, decision, reasons }) => {
      const texts = reasons.map((reason) => shown(reasonText(reason, language)));
      return `${shown(domain)}: ${decisions[decision]}: ${texts.join(' ')}\n`;
    })
    .join('');
}

async function askedReport(io: CommandIo): Promise<CapacityReport> {
  const { options, clock } = io;
  const name = options['promotion'];
  if (typeof name !== 'string') throw new AppError('usage', '--promotion NAME is missing');
  const text = (option: string) => {
    const value = options[option];
    return typeof value === 'string' ? value : undefined;
  };
  const files = {
    plan: text('plan'),
    analyses: (options['analysis'] ?? []) as readonly string[],
    forecasts: (options['forecast'] ?? []) as readonly string[],
    settings: (options['settings'] ?? []) as readonly string[],
    previous: text('previous'),
    review: text('review'),
  };
  if (files.plan === undefined && files.analyses.length === 0) {
    throw new AppError('usage', 'no plan and no verdict given', {
      hint: 'give --plan FILE, --analysis DOMAIN=FILE, or both',
    });
  }
  const asOf = dayOf('as-of', io) ?? dayText(clock.now().getTime());
  const [from, to] = [dayOf('from', io), dayOf('to', io)];
  if (from !== undefined && to !== undefined && to < from) {
    throw new AppError('usage', `the promotion ends on ${to}, before it begins on ${from}`);
  }
  const { confirmationSeconds, messageSizeShare } = await policyOf(io);
  const inputs = await readInputs(files, io);
  const lifetimeSeconds = validDays * daySeconds;
  const lastDay = dayText(Date.parse(asOf) + 1000 * lifetimeSeconds);
  return makeReport({
    promotion: { name, ...(from !== undefined && { from }), ...(to !== undefined && { to }) },
    asOf,
    expires: dayOf('expires', io) ?? lastDayOf({ analyses: inputs.analyses, lifetimeSeconds }, lastDay),
    survives: survivesOf(options),
    messageBytes: messageBytesOf(options),
    confirmationSeconds: confirmationSeconds.value,
    messageSizeShare: messageSizeShare.value,
    lifetimeSeconds,
    ...inputs,
  });
}

const daySeconds = 86_400;

const dayText = (timeMs: number) => new Date(timeMs).toISOString().slice(0, 10);

function dayOf(option: string, { options }: CommandIo): string | undefined {
  const text = options[option];
  if (typeof text !== 'string') return undefined;
  if (/^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text)) && dayText(Date.parse(text)) === text)
    return text;
  throw new AppError('usage', `--${option} ${text} is not a date`, { hint: 'write it as 2026-11-11' });
}

function oneOf<Name extends string>({ options }: CommandIo, option: string, names: readonly Name[]): Name | undefined {
  const text = options[option];
  if (text === undefined) return undefined;
  const name = names.find((each) => each === text);
  if (name !== undefined) return name;
  throw new AppError('usage', `--${option} ${String(text)} is not supported`, {
    hint: `use one of: ${names.join(', ')}`,
  });
}

async function write(path: string, text: string | Buffer, { options, signal }: CommandIo): Promise<void> {
  try {
    await writeFile(path, text, { flag: options['force'] === true ? 'w' : 'wx', signal });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') {
      throw new AppError('file-exists', `${path} already exists`, { cause });
    }
    throw cause;
  }
}
