// Declares `plimsoll redline`: finds the limit of one broker with live traffic.

import { z } from 'zod';
import { lineWriter } from '../../app/caller.ts';
import { runRedline } from '../../app/redline/run-redline.ts';
import { exitCodes } from '../../core/errors.ts';
import { Duration, Share } from '../../core/text/quantity.ts';
import { goneOption } from '../change/administration-options.ts';
import { leaseOptions } from '../change/lease-options.ts';
import { clusterOptions } from '../options.ts';
import { commaSeparated, defineCommand, duration, flag, option, renderJson, text, wholeNumber } from '../command.ts';
import { progressLine } from '../progress-bar.ts';
import { drainOptions } from '../rocketmq/run-change.ts';
import { redlineText } from '../redline/redline-text.ts';

const defaults = { step: 0.05, sample: 10, maxMoves: 100 };
const { config, cluster } = clusterOptions;

export const redlineCommand = defineCommand({
  options: {
    config,
    cluster,
    broker: option('ID', 'the broker that gets more load: id (Kafka) or name (RocketMQ)', z.string().min(1), {
      hint: '`plimsoll get brokers` lists them',
    }),
    step: option(
      'SHARE',
      `how much its load grows in one step (default ${100 * defaults.step}%)`,
      Share.prefault(`${100 * defaults.step}%`),
    ),
    hold: option(
      'DURATION',
      'how long to hold each step; the last one is held for the confirmation time (default: that time)',
      Duration.optional(),
    ),
    sample: duration(`how long to measure the traffic before step 0 (default ${defaults.sample}s)`, defaults.sample),
    'max-moves': option(
      'N',
      `maximum number of leader moves or added queues, including those of the rollback (default ${defaults.maxMoves})`,
      wholeNumber(1, 100_000).default(defaults.maxMoves),
    ),
    topics: option(
      'NAMES',
      'change only these topics, separated by commas (default: all but internal ones)',
      commaSeparated(z.string().min(1)).default([]),
    ),
    'ignore-group': drainOptions['ignore-group'],
    canary: text('TOPIC', 'measure write latency with a canary in this topic, and stop when it rises'),
    out: text('DIR', 'folder of the run bundle; must not exist (default runs/redline-<time>)'),
    'predicted-by': text(
      'RUN',
      'compare the result with the prediction of this run, or of this output of `analyze --json`',
    ),
    execute: flag('raise the load; without it nothing is changed'),
    resume: flag('after a crash: restore the layout and analyze what was measured'),
    abort: flag('after a crash: restore the layout only'),
    ...goneOption,
    ...leaseOptions,
    json: flag('print one JSON document (docs/schema/redline.schema.json)'),
  },
  examples: [
    'plimsoll redline --cluster orders --broker 2',
    'plimsoll redline --cluster orders --broker 2 --hold 60s --max-moves 60 --canary plimsoll-canary --execute',
    'plimsoll redline --cluster orders --broker 2 --abort',
  ],

  async run(io) {
    const line = progressLine(io.stderr);
    const document = await runRedline(io, {
      tell: lineWriter(io),
      progress: (shown) => {
        if (io.stderr.isTerminal) line.show(shown);
      },
      clear: () => line.clear(),
    });
    io.stdout.write(io.options.json ? renderJson(document) : redlineText(document, io.options.config));
    if ((document.restored?.left.length ?? 0) > 0) return exitCodes.threshold;
    return document.analysis?.safeMaxTps.kind === 'unknown' ? exitCodes.unknown : exitCodes.answered;
  },
});
