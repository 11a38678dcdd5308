// Implements `plimsoll scale`: fits a scaling law to points of a CSV file.

import { scalingOf } from '../../analyzer/verdict/fit/laws/scaling.ts';
import { exitCodes } from '../../core/errors.ts';
import { defineCommand } from '../command.ts';
import { oneWord } from '../one-word.ts';
import { flag } from '../option.ts';
import { knowsUnicode } from '../dry-run/draw-curve.ts';
import { inverseOf } from '../../app/planning/inverse.ts';
import { requestedInverse, inverseOptions } from '../scale/inverse-options.ts';
import { readPoints } from '../../app/planning/points-file.ts';
import { scalingDocument } from '../scale/scaling-document.ts';
import { scalingText } from '../scale/scaling-text.ts';

export const scaleCommand = defineCommand({
  positionals: 'POINTS.csv',
  options: {
    ...inverseOptions,
    json: flag('print the result as one JSON document'),
  },
  examples: [
    'plimsoll scale examples/scaling.csv',
    'plimsoll scale examples/scaling.csv --at-throughput 11048',
    'plimsoll scale points.csv --at-latency 1.6ms --json',
  ],

  async run({ positionals, options, stdout, stderr, signal, environment }) {
    const path = oneWord({ positionals }, 'scale', 'a CSV file with the header concurrency,throughput');
    const question = requestedInverse(options);
    const scaling = scalingOf(await readPoints(path, { signal }));
    const inverse =
      question && scaling.kind === 'fitted'
        ? inverseOf(scaling.law, question, scaling.steps.at(-1)?.concurrency ?? 1)
        : undefined;
    if (options.json) {
      stdout.write(`${JSON.stringify(scalingDocument(scaling, inverse), undefined, 2)}\n`);
    } else if (scaling.kind === 'fitted') {
      const isPlain = !knowsUnicode(environment);
      stdout.write(scalingText(scaling, { inverse, columns: stdout.columns, isPlain }));
    }
    if (scaling.kind === 'refused') {
      stderr.write(`no law fits: ${scaling.message}\n`);
      return exitCodes.unknown;
    }
    if (inverse === undefined || inverse.concurrency !== undefined) return exitCodes.answered;
    if (options.json) stderr.write(`no concurrency reaches the target: ${inverse.atMost}\n`);
    return exitCodes.unknown;
  },
});
