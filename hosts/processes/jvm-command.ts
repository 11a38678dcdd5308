// Parses a JVM command line from /proc/PID/cmdline, in which arguments end with NUL.

import type { JvmCommand } from '../../core/documents/evidence/process-reading.ts';

/** Options that consume the next argument. */
const takesNext: ReadonlySet<string> = new Set([
  '-cp',
  '-classpath',
  '--class-path',
  '-p',
  '--module-path',
  '--add-modules',
  '--add-opens',
  '--add-exports',
  '--add-reads',
  '--enable-native-access',
]);

export interface CommandLine {
  /** Command line split into arguments. */
  args: readonly string[];
  jvm: Omit<JvmCommand, 'version'>;
}

/** @returns undefined for a process that is not a JVM, such as a kernel thread, which has an empty command line */
export function parseJvmCommand(text: string): CommandLine | undefined {
  const args = text.split('\0').filter((word) => word !== '');
  const [program, ...options] = args;
  if (program === undefined || !/(?:^|\/)java$/.test(program)) return undefined;
  const flags: string[] = [];
  for (let at = 0; at < options.length; at += 1) {
    const word = options[at] as string;
    if (takesNext.has(word)) {
      at += 1;
    } else if (word === '-jar') {
      const jar = options[at + 1];
      return { args, jvm: { ...(jar !== undefined && { mainClass: jar }), flags } };
    } else if (!word.startsWith('-')) {
      // `java -m module/class` names a module before the class.
      return { args, jvm: { mainClass: word, flags } };
    } else if (isOfJvm(word)) {
      flags.push(word);
    }
  }
  return { args, jvm: { flags } };
}

/** @param exe target of /proc/PID/exe, if this user may read it; it resolves a symbolic link in the command line */
export function javaHomeOf({ args }: CommandLine, exe: string | undefined): string | undefined {
  return /^(\/.*)\/bin\/java$/.exec(exe ?? args[0] ?? '')?.[1];
}

/**
 * Accepts -X… and -XX:…, and RocketMQ's limits of the disk; rejects other properties, agents and commands such as OnError,
 * because they may contain a password.
 */
function isOfJvm(word: string): boolean {
  if (/^-(?:Xrun|XX:On)/.test(word)) return false;
  return (
    word.startsWith('-X') || /^-(?:server|client|verbose(?::gc)?|d64|Drocketmq\.broker\.diskSpace\w+=.*)$/.test(word)
  );
}
