// Writes the alerting rules for Prometheus with the thresholds of the policy.

import { AppError, exitCodes } from '../../core/errors.ts';
import { renderAlertRules } from '../../ops/render/alert-rules.ts';
import { writeRendered } from '../../ops/render/write-rendered.ts';
import type { Command } from '../command.ts';
import { policyOf, policyOption } from '../config.ts';

export const alertsCommand = {
  name: 'alerts',
  options: {
    config: policyOption,
    out: { type: 'string', value: 'DIR', help: 'folder for the rule files: empty, or written by this command before' },
    json: { type: 'boolean', help: 'print the result as one JSON document' },
  },
  examples: ['plimsoll alerts --config plimsoll.yaml --out /etc/prometheus/plimsoll-rules'],

  async run(io) {
    const { options, stdout, signal } = io;
    const { out } = options;
    if (typeof out !== 'string') throw new AppError('usage', 'no --out is given', { hint: 'give a folder' });
    const files = renderAlertRules(await policyOf(io));
    await writeRendered(out, files, { signal });
    const paths = files.map(({ path }) => path);
    stdout.write(
      options['json'] === true
        ? `${JSON.stringify({ schemaVersion: 1, directory: out, files: paths }, undefined, 2)}\n`
        : `wrote ${paths.length} files to ${out}: ${paths.join(', ')}\n`,
    );
    return exitCodes.answered;
  },
} satisfies Command;
