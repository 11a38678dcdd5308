// What does a run say? Reads a bundle and prints the verdict.

import { analyzeBundle } from '../../analyzer/analyze.ts';
import { policyOf } from '../../analyzer/config.ts';
import { reports } from '../../analyzer/reports/registry.ts';
import { AppError, exitCodes } from '../../core/errors.ts';
import type { Command } from '../command.ts';
import { configFileOption, configPath, loadConfig } from '../config.ts';
import { deriveResult } from '../derived-result.ts';

export const analyzeCommand = {
  name: 'analyze',
  summary: 'Say how much the cluster of a run can safely carry, and what stops it.',
  positionals: 'RUN',
  options: {
    config: {
      ...configFileOption,
      help: 'take the policy from this config file (default: the policy that ships with Plimsoll)',
    },
    json: { type: 'boolean', help: 'print one JSON document (docs/schema/analysis.schema.json)' },
  },
  examples: ['plimsoll analyze runs/20260101-120000', 'plimsoll analyze examples/founding-70k --json'],

  async run({ positionals, options, stdout, signal, environment }) {
    const [directory, ...others] = positionals;
    if (directory === undefined || others.length > 0) {
      throw new AppError('usage', 'analyze takes one run: the folder of a run bundle');
    }
    const config =
      options['config'] === undefined ? undefined : await loadConfig(configPath(options['config']), { signal });
    const policy = policyOf(config?.analyzer);
    await deriveResult(directory, { signal });
    const analysis = await analyzeBundle(directory, policy, { signal });
    const report = options['json'] === true ? reports.json : reports.text;
    stdout.write(report.render(analysis, { colours: stdout.isTerminal && !environment['NO_COLOR'] }));
    return analysis.safeMaxTps.kind === 'unknown' ? exitCodes.unknown : exitCodes.answered;
  },
} satisfies Command;
