// Plans, approves and executes changes of a lab as two people do: Bob changes, Alice approves.

import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { plimsoll, type Finished } from './plimsoll.ts';
import { liveNameOf } from './live-name.ts';

export interface TwoPeople extends AsyncDisposable {
  /** Bob plans a change and Alice approves it. @returns the file of her approval */
  approved(...change: string[]): Promise<string>;
  execute(change: readonly string[], ...more: string[]): Promise<Finished>;
  /** Returns the lines of the audit log. */
  audit(): Promise<{ change: string; approval?: { approver: string } }[]>;
}

/** Adds Alice as an approver to the lab's own config. */
export async function twoPeople(lab: { configPath: string }): Promise<TwoPeople> {
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-two-people-'));
  const key = join(folder, 'alice.pem');
  const made = await plimsoll(['ops', 'approve', '--new-key', key]);
  const publicKey = /^publicKey: (\S+)$/m.exec(made.stdout)?.[1] ?? '';
  await appendFile(
    lab.configPath,
    `\nchanges: { approval: { approvers: { alice: { publicKey: "${publicKey}" } } } }\n`,
  );
  const wordsOf = (change: readonly string[]) => [...change, '--config', lab.configPath, '--state-dir', folder];
  let plans = 0;
  return {
    async approved(...change) {
      plans += 1;
      const plan = join(folder, `plan-${plans}.json`);
      const planned = await plimsoll([...wordsOf(change), '--write-plan', plan]);
      if (planned.exitCode !== 0) throw new Error(planned.stderr);
      const signed = await plimsoll(['ops', 'approve', plan, '--config', lab.configPath, '--key', key]);
      if (signed.exitCode !== 0) throw new Error(signed.stderr);
      return `${plan}.approval`;
    },
    execute: (change, ...more) =>
      plimsoll([...wordsOf(change), '--json', '--execute', `--confirm=${liveNameOf(lab)}`, ...more]),
    async audit() {
      const text = await readFile(join(folder, 'change-audit.ndjson'), 'utf8');
      return text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { change: string; approval?: { approver: string } });
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}
