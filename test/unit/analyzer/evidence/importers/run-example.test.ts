import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readRunDocument } from '../../../../../analyzer/evidence/importers/bundle.ts';
import { AppError } from '../../../../../core/errors.ts';

let folder: string;
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'plimsoll-written-'))));
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Returns the error for an edited copy of the example in examples/. */
async function problem(edit: (text: string) => string): Promise<string[]> {
  const text = await readFile(new URL('../../../../../examples/founding-70k/run.json', import.meta.url), 'utf8');
  await writeFile(join(folder, 'run.json'), edit(text));
  const error: unknown = await readRunDocument(folder, undefined).then(
    () => 'read',
    (reason: unknown) => reason,
  );
  if (!(error instanceof AppError)) throw new Error(String(error));
  return [error.message.replace(`${folder}/`, ''), error.hint];
}

const without =
  (...path: (string | number)[]) =>
  (text: string): string => {
    const document = JSON.parse(text);
    let parent = document;
    for (const key of path.slice(0, -1)) parent = parent[key];
    delete parent[path.at(-1) as string];
    return JSON.stringify(document);
  };

test.each([
  [['workload', 'messageBytes'], 'workload.messageBytes', '"messageBytes": 500'],
  [['topology', 'replication'], 'topology.replication', '"replication": "dledger"'],
  [['readings', 2, 'node'], 'readings.2.node', '"node": "broker-a:0"'],
  [['readings', 1, 'source', 'quote'], 'readings.1.source.quote', '"quote": "The cluster took'],
  [['origin'], 'origin', '"origin": "readings"'],
  [['cluster'], 'cluster', '"cluster": "orders"'],
] as const)(
  'a written run.json without %j is rejected with the missing key and an example line',
  async (path, key, line) => {
    const [message, hint] = await problem(without(...path));
    expect(message).toBe(`cannot read run.json: missing key \`${key}\``);
    expect(hint).toContain(`write it like this: ${line}`);
  },
);

test('an invalid value is reported with its key and an example line', async () => {
  const [message, hint] = await problem((text) => text.replace('"dledger"', '"raft"'));
  expect(message).toContain('cannot read run.json: `topology.replication`: Invalid option: expected one of');
  expect(hint).toBe('write it like this: "replication": "dledger"');
});

test('an extra comma is reported as a JSON error', async () => {
  const [message, hint] = await problem((text) => text.replace('"masters": 1,', '"masters": 1,,'));
  expect(message).toContain('cannot read run.json: not JSON:');
  expect(hint).toContain('correct the JSON there if you wrote it');
});

test('a file of another kind is not quoted, because run.json may be a link to it', async () => {
  const [message] = await problem(() => 'root:hunter2:19000:0:99999:7:::');
  expect(message).toBe('cannot read run.json: not JSON: it begins neither with { nor with [');
});

test('a device in place of run.json is not read', async () => {
  await symlink('/dev/zero', join(folder, 'run.json'));
  await expect(readRunDocument(folder, AbortSignal.timeout(4000))).rejects.toThrow('it is a device or a pipe');
});
