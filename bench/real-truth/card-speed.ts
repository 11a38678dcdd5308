// Gives single hosts of a lab a different network speed, and states it in the config.

import { readFile, writeFile } from 'node:fs/promises';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { AppError } from '../../core/errors.ts';
import { bitsPerSecond, type BitsPerSecond } from '../../core/units.ts';
import { renderBitRate } from '../../lab/planned-lab.ts';
import { readLabState } from '../../lab/lab-state.ts';
import { cardName } from '../../lab/shaped-network.ts';
import { runTool } from '../../lab/run-tool.ts';
import { tbfArguments } from '../../lab/tbf.ts';

export interface ShapedLab {
  directory: string;
  configPath: string;
}

const generator = 'generator';

const Config = z.looseObject({
  hosts: z.record(z.string(), z.looseObject({ network: z.looseObject({ speed: z.string() }) })),
});

/**
 * Speeds up the generator's card, which would otherwise be saturated before the cards of several brokers.
 *
 * @param times factor relative to a broker's card, in each direction
 * @throws AppError lab-failed with the output of tc
 */
export async function widenGenerator(lab: ShapedLab, nic: BitsPerSecond, times: number): Promise<void> {
  await setCardSpeed(lab, generator, bitsPerSecond(nic * times));
}

/** Shapes both ends of the host's card and states the new speed. @throws AppError lab-failed with the output of tc */
export async function setCardSpeed(lab: ShapedLab, host: string, speed: BitsPerSecond): Promise<void> {
  const namespaces = readLabState(lab.directory)?.namespaces ?? [];
  const ends = [
    [host, cardName],
    ['hub', host],
  ] as const;
  for (const [of, device] of ends) {
    const namespace = namespaces.find((name) => name.endsWith(`-${of}`)) ?? '';
    const words = ['-n', namespace, 'qdisc', 'replace', 'dev', device, 'root', ...tbfArguments(speed)];
    const answer = await runTool('tc', words, { signal: new AbortController().signal });
    if (answer?.exitCode !== 0) throw new AppError('lab-failed', `tc ${words.join(' ')}: ${answer?.stderr ?? ''}`);
  }
  await stateCardSpeed(lab, speed, [host]);
}

/** Writes the speed into the config, whatever the real speed of the card is. @param hosts absent: every host */
export async function stateCardSpeed(
  { configPath }: Pick<ShapedLab, 'configPath'>,
  speed: BitsPerSecond,
  hosts?: readonly string[],
): Promise<void> {
  const config = Config.parse(parse(await readFile(configPath, 'utf8')));
  for (const [name, { network }] of Object.entries(config.hosts)) {
    if (hosts === undefined || hosts.includes(name)) network.speed = renderBitRate(speed);
  }
  await writeFile(configPath, stringify(config));
}
