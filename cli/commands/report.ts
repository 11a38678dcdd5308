// Implements `plimsoll report`: a capacity report per domain from plans, verdicts and forecasts.

import { z } from 'zod';
import { lastDayOf, makeReport } from '../../analyzer/review/capacity-report/make-report.ts';
import { domainsOf } from '../../analyzer/review/capacity-report/report-inputs.ts';
import type { CapacityReport } from '../../core/documents/capacity-report.ts';
import { defined } from '../../core/defined.ts';
import { reasonText } from '../../core/documents/reasons/go-reasons.ts';
import { AppError, exitCodes } from '../../core/errors.ts';
import { wallClock } from '../../core/local-moment.ts';
import { punctuation } from '../../core/text/punctuation.ts';
import { rateNumberText } from '../../core/text/quantity-text.ts';
import { decisionText } from '../../dashboards/reports/capacity/parts/decision.ts';
import { shown } from '../../dashboards/reports/capacity/shown.ts';
import { languages, type ReportLanguage } from '../../dashboards/reports/capacity/texts.ts';
import { day, dayText, languageOption, policyOf, policyOption } from '../options.ts';
import { choice, defineCommand, flag, type IoOf, list, option, text } from '../command.ts';
import {
  messageBytesOf,
  refuseUnknownDomains,
  refuseUnplannedDomains,
  survivesOf,
} from '../../app/report/domain-values.ts';
import { readInputs } from '../../app/report/read-inputs.ts';
import { isBinary, renderReport, reportFormats } from '../../app/report/render-report.ts';
import { writeNew } from '../../app/files/write-new.ts';
import { defaultConfigFile, type Config } from '../../app/config/config-file.ts';
import { daysOf, promotionNamed } from '../../app/config/promotion.ts';
import { clustersOfDomains, configuredService } from '../../app/planning/configured-promotions.ts';

/** Settings drift, so a verdict is valid for a quarter of a year; then the cluster is measured again. */
const validDays = 90;

const reportOptions = {
  promotion: option('NAME', 'name of the promotion, such as "Double 11 2026" (required)', z.string()),
  from: day('first day of the promotion, such as 2026-11-01 (default: from service.promotions)'),
  to: day('last day of the promotion (default: from service.promotions)'),
  plan: text('FILE', 'plan written by `plimsoll size --json`'),
  analysis: list(
    'DOMAIN=FILE',
    'verdict written by `plimsoll analyze --json` for the current cluster of the domain; give several to combine them, such as one with a broker down',
  ),
  settings: list(
    'DOMAIN=FILE',
    'cluster settings written by `plimsoll get fingerprint --json`: the current ones, and for production evidence also those of the analyzed period',
  ),
  survives: list('DOMAIN=LOSS', 'loss that the domain must survive at the peak: none, broker (default) or zone'),
  'message-size': list('DOMAIN=BYTES', 'mean message size of the domain, such as orders=2KiB (default: from the plan)'),
  config: {
    ...policyOption,
    help: `config file with the policy, the promotions and the domains of each cluster (default ${defaultConfigFile})`,
  },
  forecast: list(
    'DOMAIN=FILE',
    'forecast written by `plimsoll forecast --json` for the domain (default: the peak of the plan)',
  ),
  'blast-radius': text('FILE', 'failures of the plan, written by `plimsoll blast-radius --json`'),
  previous: text('FILE', 'previous report as JSON; the new one lists the changes since'),
  review: text('FILE', 'after the promotion: file written by `plimsoll review --json`, for part 14'),
  'as-of': day('date of the report (default today)'),
  expires: day(
    `last day on which the report may be signed (default ${validDays} days after the report, the last day that all evidence is valid, or the last day of the promotion, whichever is earliest)`,
  ),
  format: option('NAME', `${reportFormats.join(', ')} (default html)`, choice(reportFormats).default('html')),
  lang: languageOption('the report'),
  'embed-fonts': flag('embed fonts in the page (1 to 2 MB), for machines without Chinese fonts; a PDF always has them'),
  out: text('FILE', 'file to write (default standard output)'),
  force: flag('overwrite an existing file'),
};

type ReportIo = IoOf<typeof reportOptions>;

export const reportCommand = defineCommand({
  options: reportOptions,
  examples: [
    'plimsoll report --promotion "Double 11" --from 2026-11-01 --plan plan.json --analysis orders=verdict.json --out report.html',
    'plimsoll report --promotion "Double 11" --from 2026-11-01 --to 2026-11-12 --analysis orders=verdict.json --analysis orders=without-broker-2.json --forecast orders=ahead.json --settings orders=now.json --survives orders=broker --message-size orders=2KiB',
    'plimsoll report --promotion "双十一" --plan plan.json --lang zh --format md',
    'plimsoll report --promotion "Double 11" --plan plan.json --format xlsx --out report.xlsx',
    'plimsoll report --promotion "Double 11" --plan plan.json --previous last.json --format json --out report.json',
  ],

  async run(io) {
    const { format, lang: language, out } = io.options;
    if (isBinary(format) && out === undefined) throw new AppError('usage', `--format ${format} needs --out FILE`);
    const report = await requestedReport(io);
    const written = await renderReport(report, { format, language, withFonts: io.options['embed-fonts'] }, io);
    if (out !== undefined) {
      await writeNew(out, written, { force: io.options.force });
      io.stderr.write(inShort(report, language));
    } else io.stdout.write(String(written));
    return report.verdicts.every(({ decision }) => decision !== 'no-go') ? exitCodes.answered : exitCodes.threshold;
  },
});

/** Summary on the terminal if the report goes to a file: its result, and the reason for the exit code. */
function inShort({ verdicts }: CapacityReport, language: ReportLanguage): string {
  const texts = languages[language];
  const { colon, list } = punctuation[language];
  return verdicts
    .map((verdict) => {
      const { domain, reasons, shared } = verdict;
      const parts = reasons.map((reason) => shown(reasonText(reason, language)));
      if (shared !== undefined) {
        const { low, mid, high } = shared.peakTps;
        const peak = texts.range(rateNumberText(mid), rateNumberText(low), rateNumberText(high));
        parts.push(shown(texts.sharedCluster(shared.with.join(list), peak)));
      }
      return `${shown(domain)}${colon}${decisionText(verdict, { texts })}${colon}${parts.join(' ')}\n`;
    })
    .join('');
}

async function requestedReport(io: ReportIo): Promise<CapacityReport> {
  const { options, clock } = io;
  const { promotion: name, previous, review, expires } = options;
  const files = {
    plan: options.plan,
    analyses: options.analysis,
    forecasts: options.forecast,
    settings: options.settings,
    blastRadius: options['blast-radius'],
    previous,
    review,
  };
  if (files.plan === undefined && files.analyses.length === 0) {
    throw new AppError('usage', 'neither --plan nor --analysis given', {
      hint: 'give --plan FILE (from `plimsoll size --json`), --analysis DOMAIN=FILE (from `plimsoll analyze --json`), or both',
    });
  }
  const service = await configuredService(options.config, io);
  const zone = service?.promotions.find((each) => each.name === name)?.timezone ?? 'UTC';
  const asOf = options['as-of'] ?? dayText(wallClock(clock.now().getTime(), zone));
  const { from, to, timezone } = daysOfPromotion(asOf, options, service);
  if (from !== undefined && to !== undefined && to < from) {
    throw new AppError('usage', `the promotion ends on ${to}, before it begins on ${from}`);
  }
  const { confirmationSeconds, messageSizeShare, step } = await policyOf(io);
  const inputs = await readInputs(files, io);
  refuseUnplannedDomains(inputs);
  const [survives, messageBytes] = [survivesOf(options), messageBytesOf(options)];
  const domains = domainsOf(inputs);
  refuseUnknownDomains(
    {
      survives: Object.keys(survives),
      'message-size': Object.keys(messageBytes),
      settings: inputs.settings?.map(({ domain }) => domain) ?? [],
    },
    domains,
  );
  const lifetimeSeconds = validDays * daySeconds;
  const lastDay = lastDayOf(
    { analyses: inputs.analyses, lifetimeSeconds },
    dayText(Date.parse(asOf) + 1000 * lifetimeSeconds),
  );
  // Evidence that expired before the report makes it a NO-GO.
  if (expires !== undefined && expires > lastDay && lastDay >= asOf) {
    throw new AppError('usage', `--expires ${expires} is after ${lastDay}, the last day that evidence is valid`, {
      hint: `give ${lastDay} or an earlier day; evidence is valid for ${validDays} days`,
    });
  }
  if (expires !== undefined && expires < asOf) {
    throw new AppError('usage', `--expires ${expires} is before the report, ${asOf}`);
  }
  return makeReport({
    promotion: defined({ name, from, to }),
    ...defined({ timezone }),
    asOf,
    expires: expires ?? lastDayToSign(lastDay, asOf, to ?? from),
    survives,
    messageBytes,
    confirmationSeconds: confirmationSeconds.value,
    achievedShare: step.achievedShare.value,
    messageSizeShare: messageSizeShare.value,
    lifetimeSeconds,
    configured: Object.entries(clustersOfDomains(service)).map(([domain, clusters]) => ({ domain, clusters })),
    ...inputs,
  });
}

/** A report is about the future: it cannot be signed after its promotion. */
function lastDayToSign(ofEvidence: string, asOf: string, ofPromotion?: string): string {
  const isAhead = ofPromotion !== undefined && ofPromotion >= asOf;
  return isAhead && ofPromotion < ofEvidence ? ofPromotion : ofEvidence;
}

/** Dates from the options; without them, dates and zone of the promotion with this name in the config file. */
function daysOfPromotion(
  asOf: string,
  { promotion: name, from, to }: ReportIo['options'],
  service: Config['service'] | undefined,
): { from?: string; to?: string; timezone?: string } {
  const promotion = promotionNamed(service?.promotions ?? [], name, asOf);
  const days = from === undefined && to === undefined ? promotion && daysOf(promotion) : defined({ from, to });
  return { ...days, ...(promotion && { timezone: promotion.timezone }) };
}

const daySeconds = 86_400;
