import { expect, test } from 'vitest';
import { commandsIn } from '../../../cli/command-list.ts';
import { commands } from '../../../cli/registry.ts';

test.each(commandsIn(commands))('the file of command $name exports that command', async ({ name, load }) =>
  expect(await load()).toEqual(expect.objectContaining({ name, run: expect.any(Function) })),
);
