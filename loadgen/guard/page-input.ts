// Reads the worst matching series of a metrics page for a guard rule.

import { AppError } from '../../core/errors.ts';
import { defined } from '../../core/defined.ts';
import { authorizationHeader } from '../../core/http/http-config.ts';
import { textOf } from '../../core/http/http-request.ts';
import { readSamples, type Sample } from '../../core/text/prometheus-text.ts';
import type { PageRule } from './config.ts';
import { timeoutOf, type GuardInput } from './guard-input.ts';
import { worstOf } from './worst-of.ts';

/** The page of a large broker has tens of megabytes; no rule needs more. */
const mostBytes = 64 * 2 ** 20;

/** @throws AppError config-invalid if the metric is not a series, or is a counter */
export function pageInput(rule: PageRule): GuardInput {
  const { page, metric, name = metric, every, above, below, authorization } = rule;
  const [wanted] = readSamples(`${metric} 0\n`);
  if (wanted === undefined) {
    throw new AppError('config-invalid', `loadgen.guard: ${metric} is not a series; write name{label="value"}`);
  }
  // A counter only grows from an arbitrary start, so no bound separates normal from abnormal.
  if (wanted.metric.endsWith('_total')) {
    throw new AppError('config-invalid', `loadgen.guard: ${metric} is a counter, which has no level to bound`, {
      hint: 'name a gauge, or give `prometheus` and a `query` with rate() of the counter',
    });
  }
  const refused = (what: string, cause?: unknown) =>
    new AppError('guard-input-unreadable', `cannot read ${page}: ${what}`, { cause });
  return {
    name,
    everySeconds: every,
    ...defined({ above, below }),
    ends: 'run',
    watches: { kind: 'rule', name },
    async read({ signal }) {
      // The header that Prometheus sends: an exporter waiting for a slow source then responds in time with the rest.
      const timeout = { 'X-Prometheus-Scrape-Timeout-Seconds': String(timeoutOf(every)) };
      const headers = { ...authorizationHeader(authorization), ...timeout };
      const response = await fetch(page, { signal, redirect: 'manual', headers }).catch((cause: unknown) => {
        throw refused((((cause as Error).cause as Error | undefined) ?? (cause as Error)).message, cause);
      });
      if (response.status !== 200) {
        await response.body?.cancel();
        throw refused(`it answered with HTTP ${response.status}`);
      }
      const text = await textOf(response, mostBytes, () => refused(`it is longer than ${mostBytes} bytes`));
      return worstOf(valuesOf(text, wanted), rule);
    },
  };
}

function* valuesOf(text: string, wanted: Sample): Iterable<number> {
  const labels = Object.entries(wanted.labels);
  for (const sample of readSamples(text)) {
    if (sample.metric !== wanted.metric) continue;
    if (labels.every(([label, value]) => sample.labels[label] === value)) yield sample.value;
  }
}
