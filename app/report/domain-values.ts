// Reads options with a value per domain: `--survives orders=zone`, `--message-size orders=2KiB`.

import { domainsOf, type ReportInputs } from '../../analyzer/review/capacity-report/report-inputs.ts';
import { losses, type SurvivedLoss } from '../../core/documents/capacity-report.ts';
import { AppError } from '../../core/errors.ts';
import { nearest } from '../../core/text/nearest.ts';
import { Size } from '../../core/text/quantity.ts';

export const survivesOf = (options: { survives: readonly string[] }): Record<string, SurvivedLoss> =>
  domainValues(options.survives, 'survives', {
    read: (word) => losses.find((each) => each === word),
    hint: `write --survives DOMAIN=LOSS with ${losses.join(', ')}, such as --survives orders=zone`,
  });

export const messageBytesOf = (options: { 'message-size': readonly string[] }): Record<string, number> =>
  domainValues(options['message-size'], 'message-size', {
    read: (text) => {
      const bytes = Size.safeParse(/^\d+$/.test(text) ? `${text}B` : text).data;
      return bytes !== undefined && bytes > 0 ? bytes : undefined;
    },
    hint: 'write --message-size DOMAIN=BYTES, such as --message-size orders=2KiB',
  });

/**
 * A misspelled domain would leave the intended one with its default, such as not having to survive a zone.
 *
 * @param given option, and the domains in its values. @throws AppError usage
 */
export function refuseUnknownDomains(
  given: Readonly<Record<string, readonly string[]>>,
  domains: readonly string[],
  { owner, listed } = { owner: 'the report', listed: 'domains of --plan, --analysis and --forecast' },
): void {
  for (const [option, names] of Object.entries(given)) {
    const unknown = names.find((name) => !domains.includes(name));
    if (unknown === undefined) continue;
    const near = nearest(unknown, domains);
    throw new AppError('usage', `--${option} ${unknown}=…: ${owner} has no domain ${unknown}`, {
      hint: `${near === undefined ? '' : `did you mean ${near}? `}${listed}: ${domains.join(', ')}`,
    });
  }
}

/**
 * A domain with a verdict and a forecast needs no plan. With only one of them it is a NO-GO: misspelled, or incomplete.
 *
 * @throws AppError usage
 */
export function refuseUnplannedDomains(inputs: Pick<ReportInputs, 'plan' | 'analyses' | 'forecasts'>): void {
  const { plan, analyses, forecasts } = inputs;
  if (plan === undefined) return;
  const analysis = analyses.map(({ domain }) => domain);
  const forecast = forecasts.map(({ domain }) => domain);
  const complete = analysis.filter((domain) => forecast.includes(domain));
  refuseUnknownDomains(
    { analysis, forecast },
    [...new Set([...domainsOf({ plan, analyses: [], forecasts: [] }), ...complete])],
    { owner: 'the plan', listed: 'domains of --plan, and those with both --analysis and --forecast' },
  );
}

/** @throws AppError usage if a single-value option has two values for a domain */
export function refuseSecond(option: string, domains: readonly string[]): void {
  const second = domains.find((domain, index) => domains.indexOf(domain) !== index);
  if (second === undefined) return;
  throw new AppError('usage', `--${option} is given twice for domain ${second}`, {
    hint: `give --${option} ${second}=… once`,
  });
}

/** @throws AppError usage */
function domainValues<Value>(
  texts: readonly string[],
  option: string,
  { read, hint }: { read: (text: string) => Value | undefined; hint: string },
): Record<string, Value> {
  const values = texts.map((text): [string, Value] => {
    const [, domain, word = ''] = /^([^=]+)=(.+)$/.exec(text) ?? [];
    const value = read(word);
    if (domain !== undefined && value !== undefined) return [domain, value];
    throw new AppError('usage', `--${option} ${text} is invalid`, { hint });
  });
  refuseSecond(
    option,
    values.map(([domain]) => domain),
  );
  return Object.fromEntries(values);
}
