// Writes a changed copy of the lab's config.

import { readFile, writeFile } from 'node:fs/promises';
import { parse, stringify } from 'yaml';

export interface LabConfigFile {
  clusters: { lab: { loadTest: Record<string, unknown> } & Record<string, unknown> };
  hosts: Record<string, unknown>;
  loadgen: Record<string, unknown>;
}

/** @returns path of the copy */
export async function configWith(
  configPath: string,
  path: string,
  change: (config: LabConfigFile) => void,
): Promise<string> {
  const config = parse(await readFile(configPath, 'utf8')) as LabConfigFile;
  change(config);
  await writeFile(path, stringify(config));
  return path;
}
