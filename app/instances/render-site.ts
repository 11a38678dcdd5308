// Renders site.yaml, or plans with their placement, to a folder: files of each instance, instances.yaml and clusters of plimsoll.yaml.

import { dirname, resolve } from 'node:path';
import { stringify } from 'yaml';
import { loadConfigFile } from '../../core/config-file.ts';
import { type Distribution, isRemote } from '../../core/documents/instances.ts';
import { SiteFile } from '../../core/documents/site.ts';
import { AppError } from '../../core/errors.ts';
import { siteInstances } from '../../ops/render/site-instances.ts';
import type { RenderedCluster } from '../../ops/render/site.ts';
import { renderInstances } from './desired-file.ts';

/**
 * @param plans absent: the clusters in the site file
 * @throws AppError config-unreadable, config-invalid
 */
export async function renderSite(path: string, io: { signal: AbortSignal }, plans?: readonly RenderedCluster[]) {
  const site = await loadConfigFile(path, SiteFile, io);
  if (plans === undefined && Object.keys(site.clusters).length === 0) {
    throw new AppError('config-invalid', `${path} has no \`clusters\``, {
      hint: 'write their layout there, or place a plan with `plimsoll size DOMAINS.yaml --render DIR --site SITE.yaml`',
    });
  }
  const { files, instances, distributions, clusters } = siteInstances(site, plans);
  const head = `# Rendered. \`plimsoll instances install\` installs it once plimsoll.yaml names this file as \`instances\`.\n`;
  const located = Object.fromEntries(
    Object.entries(distributions).map(([name, each]) => [name, { ...each, archive: locate(each, path) }]),
  );
  return {
    instances,
    files: [
      ...files,
      { path: 'instances.yaml', text: renderInstances(instances, { distributions: located, head }) },
      {
        path: 'clusters.yaml',
        text: `# Copy to plimsoll.yaml, with the machines under \`hosts\`.\n${stringify({ clusters }, { lineWidth: 0 })}`,
      },
    ],
  };
}

/** Paths in site.yaml are relative to that file. */
const locate = ({ archive }: Distribution, path: string) =>
  isRemote(archive) ? archive : resolve(dirname(path), archive);
