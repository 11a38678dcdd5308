// Selects the monitoring system for imported load tests: by URL or from the config.

import { SourceConfig } from '../../analyzer/evidence/sources/config.ts';
import { AppError } from '../../core/errors.ts';
import type { Caller } from '../caller.ts';
import { configPath, loadConfig } from '../config/config-file.ts';

/** @returns undefined where none was asked for. @throws AppError usage, not-found, config-unreadable, config-invalid */
export async function askedSource(
  options: Caller['options'],
  signal: AbortSignal,
): Promise<{ name: string; source: SourceConfig } | undefined> {
  const { prometheus: url, source: name } = options;
  if (url !== undefined && name !== undefined) throw new AppError('usage', 'give --prometheus or --source, not both');
  if (typeof url === 'string') {
    const parsed = SourceConfig.safeParse({ kind: 'prometheus', url });
    if (!parsed.success) throw new AppError('usage', `--prometheus ${url}: ${parsed.error.issues[0]?.message}`);
    return { name: url, source: parsed.data };
  }
  if (typeof name !== 'string') return undefined;
  const { sources = {} } = await loadConfig(configPath(options['config']), { signal });
  const source = sources[name];
  if (source !== undefined) return { name, source };
  throw new AppError('not-found', `the config file has no source ${name}`, {
    hint: `sources: ${Object.keys(sources).join(', ') || 'none; add one under `sources`, or give --prometheus URL'}`,
  });
}
