// Captures a live topic, and writes its histograms to use in a workload file.

import { z } from 'zod';
import type { CapturedTopic } from '../../core/documents/captured-topic.ts';
import { Duration } from '../../core/text/quantity.ts';
import { seconds } from '../../core/clock.ts';
import { captureTopic } from '../../app/observe/capture-topic.ts';
import { clusterOf } from '../../app/observe/named-cluster.ts';
import { clusterOptions } from '../options.ts';
import { defineCommand, flag, option, wholeNumber } from '../command.ts';
import { bytesText, countText, percentText } from '../../core/text/quantity-text.ts';
import { progressLine } from '../progress-bar.ts';
import { durationText } from '../../core/text/duration-text.ts';
import { checkWritable, writeNew } from '../../app/files/write-new.ts';

const defaultMessages = 100_000;
/** Each key takes about 50 bytes of memory while it is counted. */
const mostToCapture = 1_000_000;
const longestSeconds = 86_400;

export const captureCommand = defineCommand({
  options: {
    ...clusterOptions,
    topic: option('NAME', 'topic to read', z.string()),
    messages: option(
      'N',
      `maximum number of messages to read (default ${defaultMessages}, up to ${mostToCapture})`,
      wholeNumber(1, mostToCapture).default(defaultMessages),
    ),
    for: option(
      'TIME',
      'longest time to read (default 30s)',
      Duration.refine((time) => time > 0 && time <= longestSeconds, {
        error: 'the sampling time must be above 0s and at most 1d',
      }).default(seconds(30)),
    ),
    'from-start': flag('read stored messages from the oldest on, instead of new ones; measures no rates'),
    out: option('FILE', 'file for the histograms, as JSON', z.string()),
    force: flag('overwrite an existing file'),
    json: flag('also print what is written to FILE'),
  },
  examples: [
    'plimsoll capture --topic orders --out orders.json',
    'plimsoll capture --cluster production --topic orders --messages 1000000 --for 10m --out orders.json',
  ],

  async run(io) {
    const { options, stdout, stderr } = io;
    const { topic, out, messages: mostMessages, for: atMost, 'from-start': fromStart } = options;
    await checkWritable(out, { force: options.force });
    const cluster = await clusterOf(io);
    const progress = progressLine(stderr);
    const onProgress = (messages: number, elapsed: number) =>
      progress.show(`${countText(messages)} messages in ${Math.round(elapsed)} s`);
    const from = fromStart ? 'start' : 'end';
    const capturing = captureTopic({ cluster, topic, mostMessages, atMost, from, onProgress }, io);
    const captured = await capturing.finally(progress.clear);
    const text = `${JSON.stringify(captured, undefined, 2)}\n`;
    await writeNew(out, text, { force: options.force });
    stdout.write(options.json ? text : renderText(captured, out));
  },
});

function renderText({ messages, seconds, sizes, keys, compression, partitions }: CapturedTopic, file: string): string {
  const [smallest, largest] = [sizes[0], sizes.at(-1)];
  const ratios = Object.entries(compression).map(([codec, ratio]) => `${codec} ${ratio.toFixed(2)}`);
  const hottest = keys?.bands[0];
  return [
    `messages     ${countText(messages)} of ${partitions} partition${partitions === 1 ? '' : 's'} in ${durationText(seconds)}`,
    `sizes        ${bytesText(smallest?.from ?? 0)} to ${bytesText(largest?.to ?? 0)}`,
    keys === undefined
      ? 'keys         none'
      : `keys         ${countText(keys.distinct)}; the most frequent has ${percentText((hottest?.count ?? 0) / keys.messages)}`,
    `compression  ${ratios.join(', ')} times`,
    `written to   ${file}: counts only, no message contents and no keys`,
    '',
  ].join('\n');
}
