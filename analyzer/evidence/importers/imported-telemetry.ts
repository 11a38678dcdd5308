// Reads telemetry imported into a run bundle: one file per import, in addition to the telemetry of the run.

import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../../core/errors.ts';
import { ifPresent } from '../../../core/files.ts';
import { importedFolder, ImportedLine } from '../../../core/documents/evidence/imported-telemetry.ts';
import type { TelemetryEnvironment } from '../../../core/documents/evidence/telemetry.ts';
import type { TimedLine } from './host-tools/align.ts';
import { readJsonChunks } from './ndjson.ts';

type ImportHeader = Extract<ImportedLine, { kind: 'import' }>;

export interface Import {
  header: ImportHeader;
  lines: readonly TimedLine[];
}

/** @throws AppError run-unreadable; a bundle without imports returns an empty list */
export async function readImports(directory: string, signal: AbortSignal | undefined): Promise<Import[]> {
  const folder = join(directory, importedFolder);
  const names = await ifPresent(readdir(folder));
  const imported = (names ?? []).filter((name) => name.endsWith('.ndjson')).toSorted();
  return Array.fromAsync(imported, (name) => readImport(join(folder, name), signal));
}

/** Files are written atomically, so an incomplete file was edited. */
async function readImport(file: string, signal: AbortSignal | undefined): Promise<Import> {
  const refuse = (reason: string) => new AppError('run-unreadable', `cannot read ${file}: ${reason}`);
  let header: ImportHeader | undefined;
  const lines: TimedLine[] = [];
  const onTorn = (number: number, reason: string): void => {
    throw refuse(`line ${number}: ${reason}`);
  };
  for await (const chunk of readJsonChunks(file, ImportedLine, { signal, onTorn })) {
    for (const { value } of chunk) {
      if (value.kind !== 'import') lines.push(value);
      else if (header !== undefined) throw refuse('it holds two imports');
      else header = value;
      if (header === undefined) throw refuse('it does not begin with what was imported');
    }
  }
  if (header === undefined) throw refuse('it is empty');
  return { header, lines };
}

/** Values of run.json take precedence; imports add hosts, and the host of a broker. */
export function withImported(environment: TelemetryEnvironment, imports: readonly Import[]): TelemetryEnvironment {
  const hosts = new Map(environment.hosts.map((inventory) => [inventory.host, inventory]));
  const hostOf = new Map<string, string>();
  for (const { header } of imports) {
    hosts.set(header.host, { ...header.inventory, host: header.host, ...hosts.get(header.host) });
    if (header.broker !== undefined) hostOf.set(header.broker, header.host);
  }
  return {
    ...environment,
    hosts: [...hosts.values()],
    brokers: environment.brokers.map((broker) => {
      const host = broker.host ?? hostOf.get(broker.id);
      return host === undefined ? broker : { ...broker, host };
    }),
  };
}
