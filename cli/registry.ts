// Which commands are there? One line each, loaded when asked for, so that start-up costs one command and not all.

import type { Command } from './command.ts';

export const commands = {
  'config check': async () => (await import('./commands/config-check.ts')).configCheckCommand,
} satisfies Record<string, () => Promise<Command>>;

export type CommandName = keyof typeof commands;
export type CommandRegistry = Readonly<Record<string, () => Promise<Command>>>;
