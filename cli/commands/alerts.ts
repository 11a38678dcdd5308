// Writes the alerting rules for Prometheus with the thresholds of the policy.

import { pluralText } from '../../core/text/quantity-text.ts';
import { z } from 'zod';
import { renderAlertRules } from '../../ops/render/alert-rules.ts';
import { writeRendered } from '../../ops/render/write-rendered.ts';
import { defineCommand, flag, option, printDocument } from '../command.ts';
import { policyOf, policyOption } from '../options.ts';

export const alertsCommand = defineCommand({
  options: {
    config: policyOption,
    out: option('DIR', 'folder for the rule files: empty, or written by this command before', z.string()),
    json: flag('print the result as one JSON document'),
  },
  examples: ['plimsoll alerts --config plimsoll.yaml --out /etc/prometheus/plimsoll-rules'],

  async run(io) {
    const { out } = io.options;
    const files = renderAlertRules(await policyOf(io));
    await writeRendered(out, files, io);
    const paths = files.map(({ path }) => path);
    printDocument(
      io,
      { schemaVersion: 1, directory: out, files: paths },
      () => `wrote ${pluralText(paths.length, 'file')} to ${out}: ${paths.join(', ')}\n`,
    );
  },
});
