// Analyzes many simulated runs in processes that print one result per line.

import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { Analysis } from '../../core/documents/analysis.ts';
import { judgeAnswer, type Judged } from './world/judgement.ts';
import { writeBundle } from './world/world-bundle.ts';
import type { World } from './world/world.ts';

const program = fileURLToPath(new URL('../support/judge-many.ts', import.meta.url));

type Answer = { analysis: Analysis } | { error: { code: string; message: string } };

/** Parallel analyzers, each with one run at a time. */
export class Judges implements AsyncDisposable {
  readonly #free: Judge[];
  readonly #waiting: ((judge: Judge) => void)[] = [];
  readonly #all: readonly Judge[];

  /** @param environment variables that differ from those of this process */
  constructor(processes: number, environment: Readonly<Record<string, string>> = {}) {
    this.#all = Array.from({ length: processes }, () => new Judge(environment));
    this.#free = [...this.#all];
  }

  /** @param analyzer section of plimsoll.yaml. @throws Error with the reason if there is no analysis */
  async analyse(directory: string, analyzer?: unknown): Promise<Analysis> {
    const judge = this.#free.pop() ?? (await new Promise<Judge>((resolve) => this.#waiting.push(resolve)));
    try {
      const answer = await judge.ask({ directory, ...(analyzer !== undefined && { analyzer }) });
      if ('error' in answer) throw new Error(`${directory}: ${answer.error.code}: ${answer.error.message}`);
      return Analysis.parse(answer.analysis);
    } finally {
      const next = this.#waiting.shift();
      if (next) next(judge);
      else this.#free.push(judge);
    }
  }

  /** Writes a temporary bundle, analyzes it and deletes it. */
  async analyseWorld(world: World, analyzer?: unknown): Promise<Analysis> {
    const directory = await mkdtemp(join(tmpdir(), 'plimsoll-truth-'));
    try {
      await writeBundle(directory, world);
      return await this.analyse(directory, analyzer);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  }

  /** @param judged called for each verdict */
  async judgeWorlds(worlds: Iterable<World>, judged?: (one: Judged) => void): Promise<Judged[]> {
    const results: Judged[] = [];
    const rest = worlds[Symbol.iterator]();
    // One more than the number of processes, so that the next bundle is written while they analyze.
    const lanes = Array.from({ length: this.#all.length + 1 }, async () => {
      for (let next = rest.next(); next.done !== true; next = rest.next()) {
        const one = judgeAnswer(next.value, await this.analyseWorld(next.value));
        results.push(one);
        judged?.(one);
      }
    });
    await Promise.all(lanes);
    return results.toSorted((a, b) => a.stratum.localeCompare(b.stratum) || a.seed - b.seed);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#all.map((judge) => judge[Symbol.asyncDispose]()));
  }
}

class Judge implements AsyncDisposable {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #lines: AsyncIterator<string>;
  readonly #reader: Interface;

  constructor(environment: Readonly<Record<string, string>>) {
    const env = { ...process.env, ...environment };
    this.#child = spawn(process.execPath, [program], { env, stdio: ['pipe', 'pipe', 'inherit'] });
    this.#reader = createInterface({ input: this.#child.stdout });
    this.#lines = this.#reader[Symbol.asyncIterator]();
  }

  async ask(question: unknown): Promise<Answer> {
    // A request after the failure of another would hide that failure behind a pipe error.
    if (this.#child.stdin.writableEnded) throw new Error(`${program} was ended`);
    this.#child.stdin.write(`${JSON.stringify(question)}\n`);
    const line = await this.#lines.next();
    if (line.done === true) throw new Error(`${program} ended without an answer`);
    return JSON.parse(line.value) as Answer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.stdin.end();
    this.#reader.close();
    if (this.#child.exitCode === null) await new Promise((resolve) => this.#child.once('close', resolve));
  }
}
