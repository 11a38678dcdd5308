// Runs `ops … resend` as an operator does, kills it midway, and reads the copies from the target topic.

import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { driverOf } from '../../brokers/registry.ts';
import type { ClusterConfig } from '../../brokers/config.ts';
import type { FoundMessage } from '../../brokers/lookup.ts';
import { ResendDocument } from '../../core/documents/resend.ts';
import { forgetLease } from './forget-lease.ts';
import { liveNameOf } from './live-name.ts';
import { startCli } from './run-cli.ts';

const Line = z.looseObject({ message: z.string(), state: z.string(), offset: z.string().optional() });
export type NotedLine = z.infer<typeof Line>;

export function resendsOf({ configPath, config, state }: { configPath: string; config: ClusterConfig; state: string }) {
  const wordsOf = (words: readonly string[]) => {
    const confirm =
      words.includes('--execute') || words.includes('--abort') ? [`--confirm=${liveNameOf({ configPath })}`] : [];
    return ['ops', config.broker, 'resend', '--config', configPath, '--state-dir', state, ...words, ...confirm];
  };
  const changes = join(state, 'changes');
  const sentFiles = async () =>
    (await readdir(changes).catch(() => []))
      .filter((name) => name.endsWith('.sent.ndjson'))
      .map((name) => join(changes, name));

  async function noted(path: string): Promise<NotedLine[]> {
    const lines = (await readFile(path, 'utf8')).split('\n').slice(0, -1);
    return lines.map((line) => Line.parse(JSON.parse(line)));
  }

  return {
    noted,
    sentFiles,
    async run(...words: string[]) {
      const { exitCode, stdout, stderr } = await startCli(wordsOf([...words, '--json'])).ended;
      if (stdout === '') throw new Error(stderr);
      return { exitCode, stderr, document: ResendDocument.parse(JSON.parse(stdout)) };
    },
    ask: (...words: string[]) => startCli(wordsOf(words)).ended,
    /** Sends SIGKILL after this many messages are recorded as sent. @returns the journal file */
    async killAfter(count: number, ...words: string[]): Promise<string> {
      const { child, ended } = startCli(wordsOf(words));
      let isOver = false;
      void ended.finally(() => (isOver = true));
      for (;;) {
        if (isOver) throw new Error(`it ended by itself: ${(await ended).stderr}`);
        const [path] = await sentFiles();
        const sent = path === undefined ? [] : (await noted(path)).filter(({ state: each }) => each === 'sent');
        if (path !== undefined && sent.length >= count) {
          child.kill('SIGKILL');
          await ended;
          await forgetLease(config);
          return path;
        }
        await delay(20);
      }
    },
    /** Simulates a kill between the storage of a message and its entry in the journal. */
    async forgetLastAnswer(path: string): Promise<string> {
      const lines = (await readFile(path, 'utf8')).split('\n').slice(0, -1);
      const last = lines.findLastIndex((line) => Line.parse(JSON.parse(line)).state === 'sent');
      const { message } = Line.parse(JSON.parse(lines[last] ?? ''));
      await writeFile(
        path,
        lines
          .toSpliced(last, 1)
          .map((line) => `${line}\n`)
          .join(''),
      );
      return message;
    },
    /** Returns all messages of a topic. */
    async stored(topic: string): Promise<FoundMessage[]> {
      const io = { signal: AbortSignal.timeout(60_000) };
      await using lookup = await driverOf(config).lookUp('lab', config, io);
      const messages: FoundMessage[] = [];
      for (const place of await lookup.partitions(topic, io)) {
        const from = { kind: 'offset', offset: 0n } as const;
        messages.push(...(await lookup.stored({ ...place, from, most: 10_000 }, io)).messages);
      }
      return messages;
    },
  };
}

export const propertyOf = ({ properties }: FoundMessage, wanted: string): string | undefined =>
  properties.find(([name]) => name === wanted)?.[1].toString('utf8');
