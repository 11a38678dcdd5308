// Stores the last load test of each cluster in a file of the state folder, so that a restarted service follows it.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { orFault } from '../../core/errors.ts';
import { replaceFileSync } from '../../core/files.ts';
import { parseJson } from '../../core/text/parse-json.ts';
import { Author } from '../../core/documents/history-entry.ts';
import { RequestedLoad } from './requested-load.ts';
import { positiveCount, time } from '../../core/documents/values.ts';

const KeptTest = z.strictObject({
  cluster: z.string(),
  directory: z.string(),
  pid: positiveCount,
  by: Author,
  startedAt: time,
  load: RequestedLoad,
  stop: z.strictObject({ by: z.string(), through: Author.shape.through.optional(), at: time }).optional(),
  end: z.strictObject({ at: time, reason: z.string().optional(), entry: z.number().int().optional() }).optional(),
});
export type KeptTest = z.output<typeof KeptTest>;

const KeptTests = z.strictObject({ schemaVersion: z.literal(1), tests: z.array(KeptTest) });

export type TestStore = ReturnType<typeof openTestStore>;

/** An unreadable file is replaced when the next test is stored. */
export function openTestStore(stateDirectory: string) {
  const file = join(stateDirectory, 'load-tests.json');
  const tests = new Map(readTests(file).map((test) => [test.cluster, test]));
  return {
    /** Folder of run bundles. */
    runs: join(stateDirectory, 'runs'),
    of: (cluster: string) => tests.get(cluster),
    /** Whether the last test of a cluster has this folder. */
    has: (directory: string) => tests.values().some((test) => test.directory === directory),
    underWay: () => [...tests.values()].filter(({ end }) => end === undefined),
    /**
     * Replaces the last test of the cluster, on disk when this returns. If the write fails, the test is known until a
     * restart, because its process already runs, was interrupted or has ended.
     *
     * @throws AppError state-unwritable
     */
    keep(test: KeptTest): void {
      tests.set(test.cluster, test);
      write(file, { schemaVersion: 1, tests: [...tests.values()] });
    },
  };
}

function readTests(file: string): KeptTest[] {
  try {
    return KeptTests.safeParse(parseJson(readFileSync(file, 'utf8'))).data?.tests ?? [];
  } catch {
    return [];
  }
}

const write = (file: string, document: z.output<typeof KeptTests>): void =>
  orFault(() => replaceFileSync(file, `${JSON.stringify(document)}\n`), 'state-unwritable', `cannot write ${file}`);
