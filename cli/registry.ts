// Which commands are there? One line each, loaded when asked for, so that start-up costs one command and not all.

import type { Command } from './command.ts';

export const commands = {
  start: async () => (await import('./commands/start.ts')).startCommand,
  init: async () => (await import('./commands/init.ts')).initCommand,
  run: async () => (await import('./commands/run.ts')).runCommand,
  analyze: async () => (await import('./commands/analyze.ts')).analyzeCommand,
  exporter: async () => (await import('./commands/exporter.ts')).exporterCommand,
  'config check': async () => (await import('./commands/config-check.ts')).configCheckCommand,
  'lab up': async () => (await import('./commands/lab-up.ts')).labUpCommand,
  'lab seed': async () => (await import('./commands/lab-seed.ts')).labSeedCommand,
  'lab status': async () => (await import('./commands/lab-status.ts')).labStatusCommand,
  'lab down': async () => (await import('./commands/lab-down.ts')).labDownCommand,
} satisfies Record<string, () => Promise<Command>>;

export type CommandName = keyof typeof commands;
export type CommandRegistry = Readonly<Record<string, () => Promise<Command>>>;
