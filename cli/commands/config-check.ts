// Implements `plimsoll config check`: reports every problem of plimsoll.yaml at once.

import { describeProblems } from '../../core/config-file.ts';
import { AppError, exitCodes } from '../../core/errors.ts';
import { defineCommand, flag, printDocument, renderJson } from '../command.ts';
import { configPath, readConfig } from '../../app/config/config-file.ts';
import { configFileOption } from '../options.ts';
import { plaintextSecrets } from '../../app/config/plaintext-secrets.ts';
import { repeatedClusters } from '../../app/config/repeated-clusters.ts';
import { hostsWithoutCluster } from '../../app/exporter/host-clusters.ts';

export const configCheckCommand = defineCommand({
  options: {
    config: configFileOption,
    json: flag('print one JSON document: { schemaVersion, file, valid, problems, warnings }'),
  },
  examples: ['plimsoll config check', 'plimsoll config check --config examples/kafka-three-brokers.yaml --json'],

  async run(io) {
    const { options, stdout, stderr, signal } = io;
    const file = configPath(options.config);
    const reading = await readConfig(file, { signal });
    if (reading.kind === 'valid') {
      const { config } = reading;
      const warnings = [...plaintextSecrets(config), ...hostsWithoutCluster(config), ...repeatedClusters(config)];
      for (const { path, message } of warnings) stderr.write(`warning: ${path}: ${message}\n`);
      printDocument(
        io,
        { schemaVersion: 1, file, valid: true, problems: [], warnings },
        () => `${file} is valid: ${list('cluster', config.clusters)}, ${list('host', config.hosts)}\n`,
      );
      return exitCodes.answered;
    }
    const fault = new AppError('config-invalid', describeProblems(file, reading.problems), {
      hint: reading.problems.some(({ column }) => column !== undefined)
        ? 'correct the YAML syntax at the line and column after the file name; keys are checked once it can be read'
        : 'docs/schema/config.schema.json lists every key, and editors can complete keys with it',
    });
    if (!options.json) throw fault;
    const { code, message, hint } = fault;
    const { problems } = reading;
    const error = { code, message, hint };
    stdout.write(renderJson({ schemaVersion: 1, file, valid: false, problems, warnings: [], error }));
    return fault.exitCode;
  },
});

function list(what: string, named: Readonly<Record<string, unknown>>): string {
  const names = Object.keys(named);
  if (names.length === 0) return `no ${what}s`;
  return `${names.length} ${what}${names.length === 1 ? '' : 's'} (${names.join(', ')})`;
}
