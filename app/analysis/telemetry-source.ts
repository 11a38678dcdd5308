// Selects the monitoring system to read, by URL or by its entry under `sources` in the config.

import { prometheusAt, type SourceConfig } from '../../analyzer/evidence/sources/config.ts';
import { AppError } from '../../core/errors.ts';
import { meantHint } from '../../core/text/nearest.ts';
import { configPath, loadConfig } from '../config/config-file.ts';

interface SourceRequest {
  /** URL of a Prometheus. */
  prometheus?: string | undefined;
  /** Name in the config file. */
  source?: string | undefined;
  config?: string | undefined;
}

export interface NamedSource {
  name: string;
  source: SourceConfig;
  /** Clusters in the same config file. */
  clusters?: readonly string[];
}

/** @returns undefined if none was requested. @throws AppError usage, not-found, config-unreadable, config-invalid */
export async function requestedSource(request: SourceRequest, signal: AbortSignal): Promise<NamedSource | undefined> {
  const { prometheus: url, source: name } = request;
  if (url !== undefined && name !== undefined) {
    throw new AppError('usage', 'give --prometheus or the name of a source, not both');
  }
  if (url !== undefined) return { name: url, source: prometheusAt(url) };
  return name === undefined ? undefined : configuredSource(request, signal);
}

/** @returns the source with this name, or the only one */
async function configuredSource({ config, source: named }: SourceRequest, signal: AbortSignal): Promise<NamedSource> {
  const { sources = {}, clusters, service } = await loadConfig(configPath(config), { signal });
  const known = Object.keys(sources);
  const name = named ?? (known.length === 1 ? known[0] : undefined);
  const source = name === undefined ? undefined : sources[name];
  if (name !== undefined && source !== undefined) {
    const inSource = Object.keys(clusters).map((each) => service.clusters[each]?.nameInSource ?? each);
    return { name, source, clusters: inSource };
  }
  const listed = known.length === 0 ? 'none; add one under `sources`, or give --prometheus URL' : known.join(', ');
  if (name === undefined) throw new AppError('usage', '--source is missing', { hint: `sources: ${listed}` });
  throw new AppError('not-found', `the config file has no source ${name}`, {
    hint: meantHint(name, known, `sources: ${listed}`),
  });
}

/** Like `requestedSource`, with the only source of the config file as default. */
export const requiredSource = async (request: SourceRequest, signal: AbortSignal): Promise<NamedSource> =>
  (await requestedSource(request, signal)) ?? configuredSource(request, signal);
