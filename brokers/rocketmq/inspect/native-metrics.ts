// Reads the Prometheus page of a broker (5.1 and later), if config names its URL.

import { AppError } from '../../../core/errors.ts';
import { textOf, responseOf } from '../../../core/http/http-request.ts';
import { readSamples } from '../../../core/text/prometheus-text.ts';
import type { Io } from '../../driver.ts';
import type { RocketmqDetails } from '../details.ts';

type NativeSample = RocketmqDetails['nativeMetrics'][number];

/** Limit of the page. A broker limits each metric by metricsOtelCardinalityLimit, 50,000 series. */
const mostBytes = 64 * 1024 * 1024;
const mostSamples = 200_000;

/** Skips histogram buckets, which are most of the page and available elsewhere from the broker. */
const isWanted = (metric: string) => metric.startsWith('rocketmq_') && !metric.endsWith('_bucket');

/** @throws AppError broker-unreachable, broker-refused, answer-unreadable */
export async function readNativeMetrics(broker: string, url: string, { signal }: Io): Promise<NativeSample[]> {
  const page = await fetchText(url, signal);
  const samples: NativeSample[] = [];
  let isOfRocketmq = false;
  for (const { metric, labels, value } of readSamples(page)) {
    isOfRocketmq ||= metric.startsWith('rocketmq_');
    if (!isWanted(metric)) continue;
    if (samples.length === mostSamples) throw tooMuch(url, `more than ${mostSamples} samples`);
    samples.push({ broker, metric, labels, value });
  }
  if (isOfRocketmq) return samples;
  throw new AppError('answer-unreadable', `the page ${url} has no metrics of RocketMQ`, {
    hint: 'nativeMetrics is the URL of the own metrics, at metricsPromExporterPort (5557)',
  });
}

async function fetchText(url: string, signal: AbortSignal): Promise<string> {
  const hint = 'the broker serves it if metricsExporterType=PROM, at metricsPromExporterPort (5557)';
  const response = await responseOf(
    url,
    { signal, redirect: 'error' },
    (reason, cause) =>
      new AppError('broker-unreachable', `cannot read the metrics page ${url}: ${reason}`, { cause, hint }),
  );
  if (!response.ok) {
    await response.body?.cancel();
    throw new AppError('broker-refused', `the metrics page ${url} answered with HTTP ${response.status}`, {
      hint: 'include the path, such as http://broker-a:5557/metrics',
    });
  }
  return textOf(response, mostBytes, () => tooMuch(url, `more than ${mostBytes} bytes`));
}

const tooMuch = (url: string, what: string) =>
  new AppError('answer-unreadable', `the metrics page ${url} has ${what}`, {
    hint: "lower the broker's metricsOtelCardinalityLimit",
  });
