// How does the load generator of a lab get a faster card than its brokers have? One that several brokers fill together is full before theirs.

import { readFile, writeFile } from 'node:fs/promises';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { AppError } from '../../core/errors.ts';
import { bitsPerSecond, type BitsPerSecond } from '../../core/units.ts';
import { renderBitRate } from '../../lab/lab-config.ts';
import { readLabState } from '../../lab/lab-state.ts';
import { cardName } from '../../lab/shaped-network.ts';
import { runTool } from '../../lab/run-tool.ts';
import { tbfWords } from '../../lab/tbf.ts';

const generator = 'generator';

const Config = z.looseObject({
  hosts: z.looseObject({ [generator]: z.looseObject({ network: z.looseObject({ speed: z.string() }) }) }),
});

/** @param times as fast as a broker's, in each direction @throws AppError lab-failed with the words of tc */
export async function widenGenerator(
  lab: { directory: string; configPath: string },
  nic: BitsPerSecond,
  times: number,
): Promise<void> {
  const speed = bitsPerSecond(nic * times);
  const namespaces = readLabState(lab.directory)?.namespaces ?? [];
  const ends = [
    ['generator', cardName],
    ['hub', generator],
  ] as const;
  for (const [of, device] of ends) {
    const namespace = namespaces.find((name) => name.endsWith(`-${of}`)) ?? '';
    const words = ['-n', namespace, 'qdisc', 'replace', 'dev', device, 'root', ...tbfWords(speed)];
    const answer = await runTool('tc', words, { signal: new AbortController().signal });
    if (answer?.exitCode !== 0) throw new AppError('lab-failed', `tc ${words.join(' ')}: ${answer?.stderr ?? ''}`);
  }
  const config = Config.parse(parse(await readFile(lab.configPath, 'utf8')));
  config.hosts[generator].network.speed = renderBitRate(speed);
  await writeFile(lab.configPath, stringify(config));
}
