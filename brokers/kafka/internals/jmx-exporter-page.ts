// Parses the page of a Prometheus JMX exporter as a stream; a page with all partitions has 100 MB.

import { AppError } from '../../../core/errors.ts';
import { readSamples, type Sample } from '../../../core/text/prometheus-text.ts';
import type { BeanReadings } from './bean-readings.ts';
import { isJvmSample, jvmValueOf } from './jvm-samples.ts';
import { beanOf, isBeanSample } from './sample-names.ts';

/** Ten lines of 150 bytes for each of 80,000 partitions. */
const maxPageBytes = 128 * 1024 * 1024;
const maxLineBytes = 1024 * 1024;

/** @throws AppError answer-unreadable when the page has no end */
export const readJmxPage = (url: string, chunks: AsyncIterable<Uint8Array>, readings: BeanReadings): Promise<void> =>
  readPageSamples(
    url,
    chunks,
    (metric) => isJvmSample(metric) || isBeanSample(metric),
    (sample) => take(sample, readings),
  );

/** @param isWanted by the name alone: most of a page is not. @throws AppError answer-unreadable when the page has no end */
export async function readPageSamples(
  url: string,
  chunks: AsyncIterable<Uint8Array>,
  isWanted: (metric: string) => boolean,
  onSample: (sample: Sample) => void,
): Promise<void> {
  const decoder = new TextDecoder();
  let bytes = 0;
  let rest = '';
  const readLines = (text: string) => {
    for (let from = 0; from < text.length;) {
      const newline = text.indexOf('\n', from);
      const end = newline < 0 ? text.length : newline;
      const line = text.slice(from, end);
      from = end + 1;
      const [metric = ''] = /^[\w:]+/.exec(line) ?? [];
      if (isWanted(metric)) for (const sample of readSamples(line)) onSample(sample);
    }
  };
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > maxPageBytes || rest.length > maxLineBytes) {
      throw new AppError('answer-unreadable', `the metrics page ${url} is longer than a broker's metrics can be`, {
        hint: 'restrict the rules of the JMX exporter: beans of single partitions are not needed',
      });
    }
    const text = rest + decoder.decode(chunk, { stream: true });
    const end = text.lastIndexOf('\n') + 1;
    rest = text.slice(end);
    readLines(text.slice(0, end));
  }
  readLines(rest);
}

function take(sample: Sample, readings: BeanReadings): void {
  const jvm = jvmValueOf(sample);
  if (jvm !== undefined) readings.value(jvm.metric, jvm.labels, jvm.value);
  const bean = beanOf(sample);
  if (bean !== undefined) readings.attribute(bean.bean, bean.keys, bean.attribute, sample.value);
}
