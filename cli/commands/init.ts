// How does somebody get a config for a cluster that is already there? Asks it, and writes what it says with comments.

import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { dirname, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { KafkaClusterConfig } from '../../brokers/kafka/config.ts';
import { drivers } from '../../brokers/registry.ts';
import { AppError, exitCodes } from '../../core/errors.ts';
import type { Command, CommandIo } from '../command.ts';
import { defaultConfigFile } from '../config.ts';
import { renderDiscoveredConfig } from '../discovered-config.ts';

const schemaFile = fileURLToPath(new URL('../../docs/schema/config.schema.json', import.meta.url));

export const initCommand = {
  name: 'init',
  summary: 'Discover a cluster and write a commented config file for it.',
  options: {
    bootstrap: { type: 'string', value: 'HOST:PORT', help: 'a Kafka broker to ask; several with commas between' },
    name: { type: 'string', value: 'NAME', help: 'what the cluster is called in the config (default kafka)' },
    out: {
      type: 'string',
      value: 'FILE',
      help: `where to write (default ${defaultConfigFile}; - for standard output)`,
    },
    force: { type: 'boolean', help: 'overwrite the file if it is there' },
    username: { type: 'string', value: 'USER', help: 'SASL user' },
    'password-env': { type: 'string', value: 'NAME', help: 'environment variable that holds the SASL password' },
    mechanism: { type: 'string', value: 'M', help: 'plain, scram-sha-256 or scram-sha-512 (default scram-sha-512)' },
    json: { type: 'boolean', help: 'print one JSON document: the path written and the cluster found' },
  },
  examples: [
    'plimsoll init --bootstrap broker-1:9092',
    'plimsoll init --bootstrap 10.0.0.5:9092,10.0.0.6:9092 --name orders --out orders.yaml',
    'KAFKA_PASSWORD=… plimsoll init --bootstrap broker-1:9094 --username monitor --password-env KAFKA_PASSWORD --out -',
  ],

  async run({ options, stdout, stderr, signal }) {
    const out = wordOf(options, 'out') ?? defaultConfigFile;
    const force = options['force'] === true;
    const json = options['json'] === true;
    if (out === '-' && json)
      throw new AppError('usage', '--out - and --json both want standard output', { hint: 'give one of them' });
    if (out !== '-' && !force && existsSync(out)) throw alreadyThere(out);

    const name = wordOf(options, 'name') ?? 'kafka';
    const { bootstrap, sasl } = readTarget(options);
    const config = clusterConfigOf(bootstrap, sasl);
    await using inspector = await drivers.kafka.inspect(name, config, { signal });
    const cluster = await inspector.describe({ signal });

    const folder = out === '-' ? process.cwd() : dirname(resolve(out));
    const text = renderDiscoveredConfig({
      cluster,
      bootstrap,
      ...(sasl !== undefined && { sasl }),
      ...(existsSync(schemaFile) && { schema: relative(folder, schemaFile) }),
    });
    if (out === '-') stdout.write(text);
    else {
      await writeConfig(out, text, force);
      const document = { schemaVersion: 1, config: out, cluster };
      stdout.write(json ? `${JSON.stringify(document, undefined, 2)}\n` : `${out}\n`);
      stderr.write(
        `${cluster.brokers.length} broker${cluster.brokers.length === 1 ? '' : 's'} found. Check the host joins in it, then: plimsoll config check --config ${out}\n`,
      );
    }
    return exitCodes.answered;
  },
} satisfies Command;

function wordOf(options: CommandIo['options'], name: string): string | undefined {
  const value = options[name];
  return typeof value === 'string' ? value : undefined;
}

function readTarget(options: CommandIo['options']) {
  const bootstrap = (wordOf(options, 'bootstrap') ?? '')
    .split(',')
    .map((address) => address.trim())
    .filter(Boolean);
  if (bootstrap.length === 0)
    throw new AppError('usage', '`plimsoll init` needs to know a broker', { hint: 'give --bootstrap HOST:PORT' });
  const username = wordOf(options, 'username');
  const passwordVariable = wordOf(options, 'password-env');
  if ((username === undefined) !== (passwordVariable === undefined)) {
    throw new AppError('usage', '--username and --password-env belong together');
  }
  const mechanism = wordOf(options, 'mechanism') ?? 'scram-sha-512';
  return {
    bootstrap,
    ...(username !== undefined &&
      passwordVariable !== undefined && { sasl: { mechanism, username, passwordVariable } }),
  };
}

function clusterConfigOf(
  bootstrap: readonly string[],
  sasl: ReturnType<typeof readTarget>['sasl'],
): KafkaClusterConfig {
  const parsed = KafkaClusterConfig.safeParse({
    broker: 'kafka',
    bootstrap,
    ...(sasl && {
      sasl: { mechanism: sasl.mechanism, username: sasl.username, password: `\${env:${sasl.passwordVariable}}` },
    }),
  });
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const option = issue?.path[0] === 'sasl' ? '--mechanism' : '--bootstrap';
  throw new AppError('usage', `${option}: ${issue?.message ?? 'not understood'}`);
}

async function writeConfig(file: string, text: string, force: boolean): Promise<void> {
  try {
    await writeFile(file, text, { flag: force ? 'w' : 'wx' });
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'EEXIST') throw alreadyThere(file);
    if (code === 'ENOSPC') {
      if (!force) await rm(file, { force: true });
      throw new AppError('no-space', `cannot write ${file}: the disk is full`, {
        cause,
        hint: 'free disk space or give another --out',
      });
    }
    if (code === 'EACCES' || code === 'EROFS') {
      throw new AppError('no-permission', `cannot write ${file}: this user may not`, {
        cause,
        hint: 'give another --out',
      });
    }
    throw new AppError('usage', `cannot write ${file}: ${code === 'ENOENT' ? 'there is no such folder' : message}`, {
      cause,
    });
  }
}

function alreadyThere(file: string): AppError {
  return new AppError('file-exists', `${file} is there already, and may hold edits`);
}
