// Renames and reorders a bundle without changing its meaning.

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunDocument } from '../../../core/documents/run-bundle.ts';

type LoadTest = Extract<RunDocument, { origin: 'load-test' }>;

/** Gives hosts and brokers names that sort in reverse. @returns the new name of each old one */
export async function renameNodes(directory: string): Promise<Map<string, string>> {
  const document = JSON.parse(await readFile(join(directory, 'run.json'), 'utf8')) as LoadTest;
  const names = new Map<string, string>();
  const { hosts, brokers } = document.environment;
  for (const [place, { host }] of hosts.entries()) names.set(host, `machine-${hosts.length - place}`);
  for (const [place, { id }] of brokers.entries()) names.set(id, `broker-${brokers.length - place}`);
  for (const each of hosts) each.host = names.get(each.host) ?? each.host;
  for (const each of brokers) {
    each.id = names.get(each.id) ?? each.id;
    if (each.host !== undefined) each.host = names.get(each.host) ?? each.host;
  }
  await writeFile(join(directory, 'run.json'), JSON.stringify(document));
  await changeLines(join(directory, 'telemetry.ndjson'), (lines) =>
    lines.map((line) => {
      const { host } = JSON.parse(line) as { host?: string };
      return host === undefined ? line : line.replace(`"host":"${host}"`, `"host":"${names.get(host) ?? host}"`);
    }),
  );
  return names;
}

/** Reorders host readings of the same time; reverses lists of the environment, too. */
export async function reorder(directory: string): Promise<void> {
  const document = JSON.parse(await readFile(join(directory, 'run.json'), 'utf8')) as LoadTest;
  document.environment.hosts.reverse();
  document.environment.brokers.reverse();
  await writeFile(join(directory, 'run.json'), JSON.stringify(document));
  for (const name of ['telemetry.ndjson', 'journal.ndjson']) {
    await changeLines(join(directory, name), (lines) => {
      const seconds = Map.groupBy(lines, secondOf);
      return [...seconds.values()].flatMap((own) => own.toReversed());
    });
  }
}

/** Lines of steps keep their position relative to those of their seconds. */
function secondOf(line: string): string {
  const { kind, elapsedSeconds } = JSON.parse(line) as { kind: string; elapsedSeconds: number };
  const isReport = ['host', 'cluster', 'produced', 'consumed'].includes(kind);
  return isReport ? String(Math.floor(elapsedSeconds)) : `${elapsedSeconds} ${kind}`;
}

async function changeLines(file: string, change: (lines: readonly string[]) => readonly string[]): Promise<void> {
  const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
  await writeFile(
    file,
    change(lines)
      .map((line) => `${line}\n`)
      .join(''),
  );
}
