// What does a run say? Reads a bundle, or files that other tools wrote, and prints the verdict.

import { analyzeFiles } from '../../analyzer/analyze-files.ts';
import { analyzeBundle } from '../../analyzer/analyze.ts';
import { policyOf } from '../../analyzer/config.ts';
import { reports } from '../../analyzer/reports/registry.ts';
import type { Policy } from '../../analyzer/policy/policy.ts';
import type { Analysis } from '../../core/analysis.ts';
import { exitCodes } from '../../core/errors.ts';
import { joinOptions, readJoinOptions, refuseJoinOptions } from '../analysis/join-options.ts';
import { findNamed } from '../analysis/named-files.ts';
import type { Command, CommandIo } from '../command.ts';
import { configFileOption, configPath, loadConfig } from '../config.ts';
import { deriveResult } from '../derived-result.ts';

export const analyzeCommand = {
  name: 'analyze',
  summary: 'Say how much the cluster of a run can safely carry, and what stops it.',
  positionals: 'RUN|FILE…',
  options: {
    config: {
      ...configFileOption,
      help: 'take the policy from this config file (default: the policy that ships with Plimsoll)',
    },
    ...joinOptions,
    json: { type: 'boolean', help: 'print one JSON document (docs/schema/analysis.schema.json)' },
  },
  examples: [
    'plimsoll analyze runs/20260101-120000',
    'plimsoll analyze examples/founding-70k --json',
    'plimsoll analyze producer-*.log consumer.csv sar.txt --start 2026-01-01T12:00:00Z --nic mq-1=1gbit',
  ],

  async run(io) {
    const { options, stdout, signal, environment } = io;
    const config =
      options['config'] === undefined ? undefined : await loadConfig(configPath(options['config']), { signal });
    const policy = policyOf(config?.analyzer);
    const analysis = await analysisOf(io, policy);
    const report = options['json'] === true ? reports.json : reports.text;
    stdout.write(report.render(analysis, { colours: stdout.isTerminal && !environment['NO_COLOR'] }));
    return analysis.safeMaxTps.kind === 'unknown' ? exitCodes.unknown : exitCodes.answered;
  },
} satisfies Command;

async function analysisOf({ positionals, options, stderr, signal }: CommandIo, policy: Policy): Promise<Analysis> {
  const { columns } = readJoinOptions({ columns: options['columns'] }, []);
  const named = await findNamed(positionals, { columns, signal });
  if (named.kind === 'files') {
    for (const file of named.skipped) stderr.write(`${file} is of no tool that is known, and is left out\n`);
    return analyzeFiles(
      named.files,
      readJoinOptions(
        options,
        named.files.map(({ name }) => name),
      ),
      policy,
    );
  }
  refuseJoinOptions(options);
  await deriveResult(named.directory, { signal });
  return analyzeBundle(named.directory, policy, { signal });
}
